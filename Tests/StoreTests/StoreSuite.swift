import Foundation
public import OnewayCore
import TestSupport
import Testing

@testable import Store

/// Every store that must behave alike.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, sqlite, postgreSQL

    var testDescription: String { rawValue }
}

/// A temporary folder and a schema of the database for one test, and the stores opened in them.
final class Fixture: Sendable {
    let kind: StoreKind
    let folder: URL
    let limits: StoreLimits
    let address: DatabaseAddress

    init(_ kind: StoreKind, limits: StoreLimits) throws {
        self.kind = kind
        self.limits = limits
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let database = kind == .postgreSQL ? try ThrowawayPostgreSQL.shared.address() : ""
        address = DatabaseAddress(database, secondsOfSilenceMax: 60)
    }

    var path: String { folder.appendingPathComponent("oneway.db").path }

    func open() throws -> any Store {
        switch kind {
        case .memory: MemoryStore(limits: limits)
        case .sqlite: try SQLiteStore(path: path, limits: limits)
        // With one appender, so that ids are those of the other stores; and woken by commits alone.
        case .postgreSQL: try PostgreSQLStore(address, limits: limits, appenders: 1, beatsPerRound: .max)
        }
    }

    /// A copy of the file as a crash at this moment leaves it, reopened. Nothing may be written meanwhile.
    func afterCrash() throws -> SQLiteStore {
        let copy = folder.appendingPathComponent("crash-\(UUID().uuidString).db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return try SQLiteStore(path: copy, limits: limits)
    }
}

func withFixture(
    _ kind: StoreKind,
    limits: StoreLimits = .forTests,
    _ body: (Fixture) async throws -> Void
) async throws {
    let fixture = try Fixture(kind, limits: limits)
    defer { try? FileManager.default.removeItem(at: fixture.folder) }
    try await body(fixture)
}

func withStore(
    _ kind: StoreKind,
    limits: StoreLimits = .forTests,
    _ body: (any Store) async throws -> Void
) async throws {
    try await withFixture(kind, limits: limits) { fixture in
        let store = try fixture.open()
        try await body(store)
        // After any test, the counters agree with the rows, and nothing is damaged.
        if store.failure != .closed { #expect(try await store.problems() == []) }
        await store.close()
    }
}

extension Timestamp: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(milliseconds: value) }
}

extension StoreLimits {
    static var forTests: StoreLimits { StoreLimits(diskFreeBytesMin: 0) }
}

extension InboxEntry {
    static func sample(
        _ number: Int,
        _ outcome: Outcome = .accepted,
        opportunity: GUID? = nil,
        body: String? = nil
    ) -> InboxEntry {
        InboxEntry(
            identity: Array("identity \(number)".utf8),
            InboxLabels(
                outcome,
                message: "Update",
                entity: "opportunity",
                record: opportunity,
                opportunity: opportunity
            ),
            body: Array((body ?? "{\"number\":\(number)}").utf8)
        )
    }
}

extension Store {
    func store(_ entry: InboxEntry, now: Timestamp = 1_000) async throws -> InboxID {
        guard case .stored(let id) = try await append(entry, now: now) else {
            throw StoreError(.invalid, "was there before")
        }
        return id
    }
}

extension GUID {
    static func sample(_ number: Int) -> GUID { GUID(high: 0x1111, low: UInt64(number)) }
}

extension MirrorRecord {
    static func sample(_ entity: Entity, _ number: Int, name: String, second: Int64 = 1) -> MirrorRecord {
        var record = MirrorRecord(RecordKey(entity, .sample(number)))
        record.learn("name", StampedValue(.text(name), Stamp(second: second, source: .target)))
        return record
    }
}

extension DesiredRecord {
    static func sample(_ number: Int, _ text: String?, kind: RecordKind = .opportunity, heldFor: WaitReason? = nil)
        -> DesiredRecord
    {
        DesiredRecord(
            DeliveryKey(kind, GUID.sample(number).description),
            opportunity: kind.isShared || kind == .person ? nil : .sample(number),
            DesiredState(text.map { Array($0.utf8) }, reasons: [Reason(rule: "R1", says: "so")], heldFor: heldFor)
        )
    }
}

extension DesiredRecord {
    static func role(of contact: Int, in opportunity: Int, _ text: String?) -> DesiredRecord {
        DesiredRecord(
            DeliveryKey(.role, "\(GUID.sample(opportunity))/\(GUID.sample(contact))/Buyer"),
            opportunity: .sample(opportunity),
            DesiredState(text.map { Array($0.utf8) })
        )
    }
}

extension Store {
    /// Replaces the stored body with one that cannot be unpacked.
    func damageBody(of id: InboxID) async throws {
        let damaged = PackedBody(plainBytes: 9_999, bytes: [1, 2, 3])
        switch self {
        case let store as MemoryStore: try await store.damage(id, damaged)
        case let store as SQLiteStore: try await store.damage(id, damaged)
        case let store as PostgreSQLStore: try await store.damage(id, damaged)
        default: throw StoreError(.invalid, "this store cannot be damaged")
        }
    }

    func apply(now: Timestamp = 1_000, _ change: (inout Application) -> Void) async throws {
        var application = Application(basis: try await mirrorVersion())
        change(&application)
        try await leader.apply(application, now: now)
    }

    func desired(_ desired: DesiredRecord..., now: Timestamp = 1_000) async throws {
        try await apply(now: now) { $0.desired = desired }
    }

    func claim(_ kind: RecordKind = .opportunity, limit: Int = 10, at now: Int64) async throws -> [OutboxItem] {
        try await leader.claim(
            kind,
            limit: limit,
            now: Timestamp(milliseconds: now),
            until: Timestamp(milliseconds: now + 1_000)
        )
    }
}

extension Store {
    /// Stores jobs as they are, in one step.
    func put(_ jobs: [Job]) async throws {
        guard let driver = self as? any Driver else { throw StoreError(.invalid, "not a driver") }
        try await driver.put(jobs)
    }
}

extension Driver {
    fileprivate func put(_ jobs: [Job]) async throws(StoreError) {
        try await write { rows throws(StoreError) in
            var changes = Changes()
            changes.jobs = jobs.map { RowChange(before: nil, after: $0) }
            try rows.save(changes)
        }
    }

    fileprivate func damage(_ id: InboxID, _ body: PackedBody) async throws(StoreError) {
        try await write { rows throws(StoreError) in
            var changes = Changes()
            changes.bodies = [(id, body)]
            try rows.save(changes)
        }
    }
}
