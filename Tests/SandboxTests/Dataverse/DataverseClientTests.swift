import Foundation
import TestSupport
import Testing
import Threads

@testable import Sandbox

/// Where a Python with Microsoft's client is named.
@Suite struct DataverseClientTests {
    static let python = ProcessInfo.processInfo.environment["ONEWAY_SECOND_OPINION"]

    @Test(.enabled(if: python != nil)) func microsoftsClientAgrees() async throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let script = root.appendingPathComponent("Scripts/second-opinion-dataverse.py").path
        try await withDataverse { _, visitor in
            let command = [Self.python ?? "python3", script, visitor.endpoint]
            let (status, output) = await onOwnThread { Program.run(command, errorsToo: true) }
            #expect(status == 0, "\(String(decoding: output, as: UTF8.self))")
        }
    }
}
