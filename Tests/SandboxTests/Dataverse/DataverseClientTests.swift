import Foundation
import TestSupport
import Testing
import Threads

@testable import Sandbox

/// Others' clients, where a Python that has them is named.
@Suite struct DataverseClientTests {
    static let microsofts = ProcessInfo.processInfo.environment["ONEWAY_SECOND_OPINION"]
    static let airbytes = ProcessInfo.processInfo.environment["ONEWAY_THIRD_OPINION"]

    @Test(.enabled(if: microsofts != nil)) func microsoftsClientAgrees() async throws {
        try await Self.run("second-opinion-dataverse.py", Self.microsofts)
    }

    @Test(.enabled(if: airbytes != nil)) func airbytesConnectorAgrees() async throws {
        try await Self.run("second-opinion-airbyte.py", Self.airbytes)
    }

    private static func run(_ name: String, _ python: String?) async throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let script = root.appendingPathComponent("Scripts/\(name)").path
        try await withDataverse { _, visitor in
            let command = [python ?? "python3", script, visitor.endpoint]
            let (status, output) = await onOwnThread { Program.run(command, errorsToo: true) }
            #expect(status == 0, "\(String(decoding: output.suffix(2_000), as: UTF8.self))")
        }
    }
}
