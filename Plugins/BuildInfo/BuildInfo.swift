import Foundation
import PackagePlugin

/// Generates the source that names the commit of the build.
@main struct BuildInfo: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let folder = context.pluginWorkDirectoryURL.appending(path: "generated")
        let script = context.package.directoryURL.appending(path: "Scripts/build-info")
        return [
            .prebuildCommand(
                displayName: "Reading the commit",
                executable: URL(filePath: "/bin/sh"),
                arguments: [script.path, folder.path],
                outputFilesDirectory: folder
            )
        ]
    }
}
