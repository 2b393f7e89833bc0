import Configuration
import Foundation
import HTTPServer
import OnewayCore
import Testing
import Threads

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Reading
@testable import Store
@testable import oneway

/// `oneway changes`, while a service has the store open.
@Suite struct ChangesTests {
    private static func told(_ store: any Store, _ settings: Configuration, isJSON: Bool) async throws -> String {
        let text = Locked("")
        let screen = Screen(width: 100, now: ProjectorTests.now)
        try await Changes.report(MappingChanges(settings, store: store), isJSON, screen) { line in
            text.withLock { $0 += line + "\n" }
        }
        return text.withLock { $0 }
    }

    /// Nothing has been sent yet, and yet the running configuration changes nothing.
    @Test func anotherConfigurationIsComparedWithWhatIsWantedNow() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let writer = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
        try await ApplyingRig(writer).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1)
        )
        #expect(try await writer.status().outbox(.pending) > 0)
        let reader = try StoredData.open(.sqlite(path: path))
        let unknown = try #require(try await Self.served(writer, RuleSettings())["unknown"]?.int)
        let left =
            "\n\(unknown) selected values that are not known yet are left out; oneway replay reads kept notifications again\n"
        #expect(try await Self.told(reader, Configuration(), isJSON: false) == "nothing changes" + left)
        #expect(
            try await Self.told(reader, Configuration(), isJSON: true)
                == "{\"changes\":[\n],\"total\":0,\"unknown\":\(unknown),\"groups\":[]}\n"
        )
        var other = Configuration()
        other.rules.customerRole = "Buyer"
        let text = try await Self.told(reader, other, isJSON: false)
        let role = "\(ProjectorTests.id(1))/\(ProjectorTests.contact)"
        #expect(
            text.hasPrefix("1 role more\n  \(role)/Buyer\n1 role less\n  \(role)/Customer\n\n2 records change" + left)
        )
        #expect(text.contains("\nMarketo gets role \(role)/Buyer\n"))
        #expect(text.contains("\nMarketo deletes role \(role)/Customer\n"))
        let json = try JSONDocument(Array(try await Self.told(reader, other, isJSON: true).utf8)).root
        #expect(json["total"]?.int == 2 && json["changes"]?.elements.count == 2)
        #expect(json["groups"]?.elements.map { $0["effect"]?.string } == ["appears", "disappears"])
        await reader.close()
        await writer.close()
    }

    /// Grouped by field: how many, and three of them, before the whole list.
    @Test func fieldsAreCountedWithThreeSamples() async throws {
        let store = MemoryStore()
        for number in 1...5 { try await ApplyingRig(store).take(ProjectorTests.opportunity(number)) }
        var other = Configuration()
        other.fields = [FieldMapping(column: "name", field: "name"), FieldMapping(column: "name", field: "stage")]
        let text = try await Self.told(store, other, isJSON: false)
        let first = try #require(text.components(separatedBy: "\n\n").first)
        #expect(first.contains("stage of 5 opportunities\n  (not sent)  ->  Pumps 1\n"), "\(first)")
        #expect(first.hasSuffix("  and 2 more"))
        #expect(text.components(separatedBy: "Marketo changes opportunity").count == 6)
        let json = try JSONDocument(Array(try await Self.told(store, other, isJSON: true).utf8)).root
        let group = json["groups"]?.elements.first { $0["field"]?.string == "stage" }
        #expect(group?["count"]?.int == 5 && group?["samples"]?.elements.count == 3)
        #expect(group?["samples"]?.elements.first?["after"]?.string == "Pumps 1")
    }

    /// The answer of a service with these rules.
    private static func served(_ store: any Store, _ rules: RuleSettings) async throws -> JSONValue {
        let request = Request(head: RequestHead(id: "t", method: "GET", path: "/api/mapping/changes"), body: [])
        let answer = try await ApplyingRig(store, rules).countedAPI().answer(.mappingChanges, request)
        return try JSONDocument(answer.body).root
    }

    /// R3: unknown values are also counted for opportunities that do not change.
    @Test func anUnknownColumnIsCountedAsTheServiceCountsIt() async throws {
        let store = MemoryStore()
        try await ApplyingRig(store).take(ProjectorTests.opportunity(1), ProjectorTests.opportunity(2))
        for kind in RecordKind.allCases {
            let items = try await store.leader.claim(kind, limit: 9, now: ProjectorTests.now, until: ProjectorTests.now)
            try await store.leader.settle(
                items.map { Settlement($0, .confirmed(requestID: nil)) },
                now: ProjectorTests.now
            )
        }
        var settings = Configuration()
        settings.fields = [
            FieldMapping(column: "name", field: "name"), FieldMapping(column: "new_source", field: "source"),
        ]
        let text = try await Self.told(store, settings, isJSON: false)
        let served = try await Self.served(store, RuleSettings(settings))["unknown"]?.int
        #expect(served == 8, "of two: source, amount, isClosed, isWon")
        #expect(text.contains("8 selected values that are not known yet are left out"))
    }

    /// After an upgrade, before the first start of the service.
    @Test(arguments: [(2, "Start this version's `oneway serve` with it once"), (99, "Use the `oneway` of the version")])
    func aStoreOfAnotherVersionIsReportedWithItsRemedy(schema: Int, remedy: String) async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        await (try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))).close()
        try Connection(path: path, .write).execute("PRAGMA user_version = \(schema)")
        let failed = #expect(throws: Failed.self) { try StoredData.open(.sqlite(path: path)) }
        #expect(failed?.says.contains("has schema \(schema), this Oneway") == true)
        #expect(failed?.says.contains(remedy) == true, "\(failed?.says ?? "")")
        let checked = await Check.lines(
            Check.Options(),
            of: ConfigurationSource(path: nil, environment: ["ONEWAY_STORE": "sqlite:\(path)"])
        )
        #expect(checked.first { $0.name == "store" }?.state == (schema == 2 ? .warns : .fails))
    }

    @Test(arguments: [Configuration.Store.memory, .sqlite(path: "/nowhere/oneway.db")])
    func unreadableInputIsReported(store: Configuration.Store) {
        #expect(throws: Failed.self) { try StoredData.open(store) }
    }
}
