import Configuration
import Foundation
import OnewayCore
import Testing
import Threads

@testable import Service
@testable import Store
@testable import oneway

/// `oneway changes`, beside a service that has the store open.
@Suite struct ChangesTests {
    private static func told(_ store: any Store, _ settings: Configuration, isJSON: Bool) async throws -> String {
        let text = Locked("")
        let screen = Screen(width: 100, now: ProjectorTests.now)
        try await Changes.tell(MappingChanges(settings, store: store), isJSON, screen) { line in
            text.withLock { $0 += line + "\n" }
        }
        return text.withLock { $0 }
    }

    @Test func anotherConfigurationIsComparedWithWhatMarketoConfirmed() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let writer = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
        try await Desk(writer).take(ProjectorTests.contactOf(ProjectorTests.account), ProjectorTests.opportunity(1))
        for kind in RecordKind.allCases {
            let items = try await writer.claim(kind, limit: 9, now: ProjectorTests.now, until: ProjectorTests.now)
            try await writer.settle(items.map { Settlement($0, .confirmed(requestID: nil)) }, now: ProjectorTests.now)
        }
        let reader = try StoreFile.open(.sqlite(path: path))
        #expect(try await Self.told(reader, Configuration(), isJSON: false) == "Marketo: nothing changes\n")
        #expect(
            try await Self.told(reader, Configuration(), isJSON: true)
                == "{\"changes\":[\n],\"total\":0,\"unknown\":0}\n"
        )
        var other = Configuration()
        other.rules.customerRole = "Buyer"
        let text = try await Self.told(reader, other, isJSON: false)
        let role = "\(ProjectorTests.id(1))/\(ProjectorTests.contact)"
        #expect(text.hasPrefix("Marketo gets role \(role)/Buyer\n"))
        #expect(text.contains("Marketo deletes role \(role)/Customer\n") && text.hasSuffix("\n2 changes\n"))
        let json = try JSONDocument(Array(try await Self.told(reader, other, isJSON: true).utf8)).root
        #expect(json["total"]?.int == 2 && json["changes"]?.elements.count == 2)
        await reader.close()
        await writer.close()
    }

    /// After an upgrade, before the service has started once.
    @Test(arguments: [(2, "Start this version's `oneway serve` with it once"), (99, "Use the `oneway` of the version")])
    func aStoreOfAnotherVersionIsSaidWithItsCure(schema: Int, cure: String) async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        await (try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))).close()
        try Connection(path: path, .write).execute("PRAGMA user_version = \(schema)")
        let failed = #expect(throws: Failed.self) { try StoreFile.open(.sqlite(path: path)) }
        #expect(failed?.says.contains("has schema \(schema), this Oneway") == true)
        #expect(failed?.says.contains(cure) == true, "\(failed?.says ?? "")")
        let checked = await Check.lines(
            Check.Options(),
            of: ConfigurationSource(path: nil, environment: ["ONEWAY_STORE": "sqlite:\(path)"])
        )
        #expect(checked.first { $0.name == "store" }?.state == (schema == 2 ? .warns : .fails))
    }

    @Test(arguments: [Configuration.Store.memory, .sqlite(path: "/nowhere/oneway.db")])
    func whatCannotBeReadIsSaid(store: Configuration.Store) {
        #expect(throws: Failed.self) { try StoreFile.open(store) }
    }
}
