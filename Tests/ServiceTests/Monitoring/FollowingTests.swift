import Configuration
import Foundation
import OnewayCore
import Sandbox
import Telemetry
import Testing
import Threads

@testable import Coordination
@testable import Service

/// One notification's path from end to end, followed in the log alone, as docs/operating.md describes.
@Suite struct FollowingTests {
    private struct Line {
        let members: [String: Any]

        var message: String { text("message") }
        func text(_ key: LogKey) -> String { text(key.rawValue) }
        func int(_ key: LogKey) -> Int? { members[key.rawValue] as? Int }
        private func text(_ key: String) -> String { members[key] as? String ?? "" }
    }

    private static func lines(_ written: Locked<[[UInt8]]>) -> [Line] {
        written.withLock { $0 }.compactMap { bytes in
            (try? JSONSerialization.jsonObject(with: Data(bytes))).flatMap { $0 as? [String: Any] }.map(Line.init)
        }
    }

    @Test func fromItsIDToMarketosOwn() async throws {
        let (written, wakeSignal) = (Locked<[[UInt8]]>([]), Signal())
        let note: @Sendable ([UInt8]) -> Void = { line in
            written.withLock { $0.append(line) }
            wakeSignal.fire()
        }
        let log = Log(level: .debug, format: .json, sink: note)
        let account = "44440000-0000-0000-0000-000000000004"
        let body = Body(
            message: "Create",
            attributes: [("name", "\"Secret pumps\""), ("customerid", Body.reference("account", account))]
        )
        try await withSandbox { _, marketo in
            try await AppTests.withApp(store: .memory, { $0.marketo = marketo }, log: log) { ports in
                let text = String(decoding: body.bytes, as: UTF8.self)
                let answer = try await AppTests.ask("POST", ports.public, AppTests.door, text)
                let id = try #require(answer.members["notification"] as? String)
                let deadline = TimeSource.system.now().adding(milliseconds: 120_000)
                while TimeSource.system.now() < deadline {
                    let seen = wakeSignal.count
                    let lines = Self.lines(written)
                    // Written by several tasks, in any order.
                    let told = Set(lines.filter { $0.text(.notification) == id }.map(\.message))
                    let isDelivered = lines.contains {
                        $0.message == "Marketo confirmed it" && $0.text(.record) == body.id
                    }
                    let isAnswered = lines.contains { $0.message == "answered" }
                    if isDelivered, isAnswered, told == Self.messages { break }
                    await wakeSignal.wait(after: seen, until: deadline, .system)
                }
                try Self.follow(id, body.id, account, in: Self.lines(written))
            }
        }
        let all = written.withLock { $0 }.map { String(decoding: $0, as: UTF8.self) }
        #expect(!all.contains { $0.contains("Secret pumps") || $0.contains("sandbox-secret") })
    }

    private static let messages: Set = ["received a notification", "applied"]

    private static func follow(_ id: String, _ opportunity: String, _ account: String, in lines: [Line]) throws {
        let own = lines.filter { $0.text(.notification) == id }
        #expect(own.count == 2 && Set(own.map(\.message)) == messages)
        let request = try #require(own.first { $0.message == "received a notification" }?.text(.request))
        #expect(lines.contains { $0.message == "answered" && $0.text(.request) == request })

        let applied = try #require(own.first { $0.message == "applied" })
        let step = try #require(applied.int(.step))
        #expect(applied.text(.opportunity) == opportunity)
        let wanted = lines.filter { $0.message == "desired in Marketo" && $0.int(.step) == step }
        #expect(Set(wanted.map { $0.text(.record) }) == [opportunity, account])

        for record in wanted {
            let sent = lines.filter {
                $0.message == "Marketo confirmed it" && $0.text(.kind) == record.text(.kind)
                    && $0.text(.record) == record.text(.record)
            }
            let call = try #require(sent.first?.text(.marketoRequest))
            #expect(
                lines.contains { $0.message == "called Marketo" && $0.text(.marketoRequest) == call && !call.isEmpty }
            )
        }
    }
}
