import Foundation
import PackagePlugin

/// Tells the program which commit it is built from.
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
