import Configuration
import Foundation
import OnewayCore
import Store
import Testing
import Threads

@testable import Service
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

    @Test(arguments: [Configuration.Store.memory, .sqlite(path: "/nowhere/oneway.db")])
    func whatCannotBeReadIsSaid(store: Configuration.Store) {
        #expect(throws: Failed.self) { try StoreFile.open(store) }
    }
}
