import Configuration
import Foundation
import OnewayCore
import Sandbox
import TestSupport
import Testing
import Threads

@testable import Service
@testable import oneway

/// The six questions of docs/operating.md, answered by page, terminal, and API with the words that it promises.
@Suite struct SixQuestionsTests {
    /// One row of a question's table: where to ask, and the words of the answer.
    private struct Answer {
        let place: String
        let words: [String]
    }

    private struct Question {
        let title: String
        var answers: [Answer] = []
    }

    private static func questions() throws -> [Question] {
        let page = try ContractTests.text("docs/operating.md")
        let section = try #require(page.components(separatedBy: "\n## Six questions").dropFirst().first)
        var questions: [Question] = []
        for line in section.components(separatedBy: "\n## ")[0].components(separatedBy: "\n") {
            if line.hasPrefix("### ") { questions.append(Question(title: String(line.dropFirst(4)))) }
            let cells = line.components(separatedBy: " | ")
            guard line.hasPrefix("| `"), cells.count == 2 else { continue }
            let quoted = cells.map { $0.components(separatedBy: "`").enumerated().filter { $0.0 % 2 == 1 }.map(\.1) }
            questions[questions.count - 1].answers.append(Answer(place: quoted[0][0], words: quoted[1]))
        }
        return questions
    }

    private static func id(_ number: Int) -> String { "5e6f000\(number)-71b4-ef11-a72f-6045bd905a01" }
    private static let (known, unknown) = (
        "33330000-0000-0000-0000-000000000001", "33330000-0000-0000-0000-000000000002"
    )
    private static let account = "22220000-0000-0000-0000-000000000001"

    private static func time(_ text: String) -> String {
        let time = Timestamp(iso8601: text) ?? Timestamp(second: 0)
        return #"{"key":"modifiedon","value":"/Date(\#(time.milliseconds))/"}"#
    }

    private static func told(_ number: Int, _ more: String = "", user: String? = nil) -> String {
        let attributes = """
            {"key":"name","value":"Opportunity \(number)"},\(time("2026-03-02T08:00:00Z"))\(more)
            """
        let message = notification(
            id: id(number),
            operation: "\(GUID(high: 1, low: UInt64(number)))",
            attributes: attributes
        )
        return user.map { message.replacing("bbbbbbbb-0000-0000-0000-00000000000b", with: $0) } ?? message
    }

    private static func customer(_ entity: String, _ id: String) -> String {
        #",{"key":"customerid","value":\#(Body.reference(entity, id))}"#
    }

    /// One of each, in the order of the questions.
    private static func plant(_ ports: App.Ports, _ marketo: SandboxMarketo) async throws {
        marketo.add(
            Fault(.record(code: "1003", key: id(3), inErrors: false), path: "opportunities", method: "POST", times: nil)
        )
        func tell(_ body: String, _ status: Int = 202) async throws {
            #expect(try await AppTests.ask("POST", ports.public, AppTests.door, body).status == status)
        }
        let contact = #"{"key":"parentcustomerid","value":\#(Body.reference("account", account))},"#
        try await tell(
            notification(
                entity: "contact",
                id: known,
                operation: "\(GUID(high: 2, low: 1))",
                attributes: contact + time("2026-03-02T07:00:00Z")
            )
        )
        try await tell(told(1, customer("contact", known)))
        try await tell(told(2, user: "\(ReceiverBench.marketoUser)"), 403)
        try await tell(told(3, customer("account", account)))
        try await tell(told(4, customer("contact", unknown)))
        try await tell(told(5, customer("account", account)))
        func stage(_ stage: String, _ at: String, _ operation: UInt64) -> String {
            let attributes = #"{"key":"stepname","value":"\#(stage)"},"# + time(at)
            return notification(
                message: "Update",
                id: id(6),
                operation: "\(GUID(high: 3, low: operation))",
                attributes: attributes
            )
        }
        try await tell(told(6, customer("account", account)))
        try await tell(stage("4-Close", "2026-03-02T10:00:00Z", 1))
        try await tell(stage("2-Develop", "2026-03-02T09:00:00Z", 2))
        try await settle(ports)
        #expect(try await AppTests.ask("POST", ports.admin, "/api/pause", "{}").status == 200)
        // One that changes while paused.
        let late = #"{"key":"name","value":"Opportunity 5, renamed"},"# + time("2026-03-02T11:00:00Z")
        try await tell(
            notification(message: "Update", id: id(5), operation: "\(GUID(high: 4, low: 5))", attributes: late)
        )
        try await settle(ports, pending: 1)
    }

    private static func settle(_ ports: App.Ports, pending: Int = 0) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let status = try await AppTests.ask("GET", ports.admin, "/api/status")
            let (inbox, outbox) = (
                status.members["inbox"] as? [String: Any], status.members["outbox"] as? [String: Any]
            )
            let isDone =
                inbox?["unapplied"] as? Int == 0 && outbox?["pending"] as? Int == pending
                && outbox?["parked"] as? Int == 1
            if isDone { return }
            try #require(ContinuousClock.now < deadline, "\(status.body)")
        }
    }

    private static func ask(_ place: String, _ ports: App.Ports) async throws -> String {
        if place.hasPrefix("oneway ") { return await run(place, ports.admin) }
        let path = place.replacing("GET ", with: "")
        let body = try await AppTests.ask("GET", ports.admin, path).body
        if path.hasPrefix("/api/") { return body }
        // As a person reads it.
        return body.replacing(#/<[^>]*>/#, with: " ").replacing("&#39;", with: "'").replacing("&quot;", with: "\"")
            .replacing(#/\s+/#, with: " ")
    }

    private static func run(_ command: String, _ admin: Int) async -> String {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let script = "PATH=\(folder.path):$PATH \(command) --url http://127.0.0.1:\(admin)"
        let ended = await onOwnThread { Program.run(["bash", "-c", script], errorsToo: true) }
        return String(decoding: ended.output, as: UTF8.self)
    }

    @Test func eachIsAnsweredAsThePageSays() async throws {
        let questions = try Self.questions()
        #expect(questions.count == 6)
        try await withSandbox { sandbox, marketo in
            try await AppTests.withApp(store: .memory, { $0.marketo = marketo }) { ports in
                try await Self.plant(ports, sandbox)
                for (index, question) in questions.enumerated() {
                    #expect(question.answers.count == 3, "page, terminal, and API: \(question.title)")
                    for answer in question.answers {
                        let says = try await Self.ask(answer.place.replacing("ID", with: Self.id(index + 1)), ports)
                        #expect(!answer.words.isEmpty)
                        for words in answer.words {
                            #expect(
                                says.contains(words),
                                "\(question.title): \(answer.place) does not say \(words):\n\(says)"
                            )
                        }
                    }
                }
            }
        }
    }
}
