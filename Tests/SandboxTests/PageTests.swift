import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Sandbox

/// docs/sandbox.md agrees with the sandbox.
@Suite struct PageTests {
    static let page: String = {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: root.appendingPathComponent("docs/sandbox.md"), encoding: .utf8)) ?? ""
    }()

    static let lines = page.split(separator: "\n").map(String.init).filter { $0.hasPrefix("curl ") }

    @Test func everyLineWorks() async throws {
        #expect(Self.lines.count >= 20)
        try await withSandbox { _, visitor in
            for line in Self.lines {
                let mine = line.replacingOccurrences(of: "http://127.0.0.1:8082", with: visitor.endpoint)
                let (exit, output) = await onOwnThread { Program.run(["sh", "-c", mine]) }
                let answer = (try? JSONDocument(output)).map { JSON($0.root) }
                #expect(exit == 0 && answer != nil && answer?.members["error"] == nil, "\(line)")
            }
        }
    }

    @Test func everyFaultAndModeHasALine() {
        for name in ["error", "record", "status", "cut-before", "cut-after", "garbage", "short", "none"] {
            #expect(Self.lines.contains { $0.contains(#""fault": "\#(name)""#) }, "\(name)")
        }
        for mode in Mode.allCases { #expect(Self.lines.contains { $0.contains(#"{"mode": "\#(mode.rawValue)"}"#) }) }
    }
}
