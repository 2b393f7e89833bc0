import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Sandbox

/// docs/sandbox-dataverse.md says what the stand-in does.
@Suite struct DataversePageTests {
    static let page: String = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return (try? String(contentsOf: root.appendingPathComponent("docs/sandbox-dataverse.md"), encoding: .utf8))
            ?? ""
    }()

    static let lines = page.split(separator: "\n").map(String.init).filter { $0.hasPrefix("curl ") }

    @Test func everyLineWorks() async throws {
        #expect(Self.lines.count >= 30)
        try await withDataverse { _, visitor in
            for line in Self.lines {
                let mine = line.replacingOccurrences(of: "http://127.0.0.1:8083", with: visitor.endpoint)
                let (exit, output) = await onOwnThread { Program.run(["sh", "-c", mine]) }
                let answer = (try? JSONDocument(output)).map { JSON($0.root) }
                #expect(exit == 0 && answer != nil && answer?.members["error"] == nil, "\(line) \(answer ?? .null)")
            }
        }
    }

    @Test func everyFaultAndEveryTableIsThere() {
        let names = [
            "error", "status", "cut-before", "cut-after", "garbage", "none", "drop", "double", "delay", "reorder",
            "cut",
        ]
        for name in names {
            #expect(Self.lines.contains { $0.contains(#""fault": "\#(name)""#) }, "\(name)")
        }
        for table in Tables().all { #expect(Self.page.contains("`\(table.set)`"), "\(table.set)") }
    }
}
