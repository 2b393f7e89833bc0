import Foundation
import OnewayCore
import Sandbox
import Testing

@testable import oneway

/// The program itself, without a terminal.
@Suite struct RegisterProgramTests {
    @Test func aScriptRegistersWithTheExitCodesOfTheOthers() async throws {
        try await RegisterRig.with { rig in
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID()).yaml").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            try """
            dynamics:
              keys: [ a-long-key-that-is-never-shown ]
              webApi: { url: '\(rig.base)', tokenUrl: '\(rig.base)/tenant/oauth2/v2.0/token', clientId: sandbox,
                        clientSecret: sandbox-secret }
            """.write(toFile: file, atomically: true, encoding: .utf8)
            func register(_ words: String...) async -> (status: Int32, text: String) {
                let ended = await AskingTests.program(["register", "--config", file] + words)
                #expect(!ended.text.contains("never-shown") && !ended.text.contains("sandbox-secret"))
                return ended
            }
            let url = "--url=\(RegisterRig.url)"

            #expect(await register().status == 2)
            let dry = await register(url, "--dry-run")
            #expect(dry.status == 0 && dry.text.hasSuffix("\n20 to create\n"))
            let unsure = await register(url)
            #expect(
                unsure.status == 2 && unsure.text.contains("add --yes") && rig.dataverse.ids("serviceendpoint").isEmpty
            )
            #expect(await register(url, "--guard", "--yes").status == 2)

            rig.dataverse.set(missingPrivileges: ["prvCreateSdkMessageProcessingStepImage"])
            let stopped = await register(url, "--yes")
            #expect(
                stopped.status == 1
                    && stopped.text.contains("lacks the privilege prvCreateSdkMessageProcessingStepImage")
            )
            rig.dataverse.set(missingPrivileges: ["prvReadSdkMessage"])
            let unread = await register(url, "--yes")
            #expect(unread.status == 1 && unread.text.contains("prvReadSdkMessage"))
            rig.dataverse.set(missingPrivileges: [])

            #expect(await register(url, "--yes").status == 0)
            let again = await register(url, "--yes", "--json")
            let root = try JSONDocument(Array(again.text.utf8)).root
            #expect(again.status == 0 && root["pending"]?.int == 0 && root["actions"]?.elements.count == 20)
            #expect(await register("--remove", "--yes").status == 0)
            #expect(rig.dataverse.ids("serviceendpoint").isEmpty)
        }
    }
}
