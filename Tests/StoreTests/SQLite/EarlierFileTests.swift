import Foundation
import OnewayCore
import Testing

@testable import Store

/// A file that an earlier version wrote, with rows in every table, is opened, upgraded, and works.
@Suite struct EarlierFileTests {
    /// Written by the last version with schema 4.
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Files/schema-4.sqlite")

    private static func withFile(_ body: (Fixture) async throws -> Void) async throws {
        try await withFixture(.sqlite) { fixture in
            try FileManager.default.copyItem(at: Self.file, to: URL(fileURLWithPath: fixture.path))
            try await body(fixture)
        }
    }

    private static func withStore(_ body: (SQLiteStore) async throws -> Void) async throws {
        try await withFile { fixture in
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits)
            try await body(store)
            #expect(try await store.problems() == [])
            await store.close()
        }
    }

    private static func time(_ number: Int) -> Timestamp { Timestamp(milliseconds: 1_760_000_000_000 + Int64(number)) }

    @Test func everyTableHasSomething() async throws {
        try await Self.withFile { fixture in
            let old = try Connection(path: fixture.path, .read)
            #expect(try Schema.version(of: old) == 4)
            let tables = try old.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").rows { $0.text(0) }
            #expect(tables.count == 14)
            for table in tables {
                #expect(try old.prepare("SELECT count(*) FROM \(table)").row { $0.integer(0) } ?? 0 > 0, "\(table)")
            }
        }
    }

    @Test func allOfItIsThere() async throws {
        try await Self.withStore { store in
            let status = try await store.status()
            #expect(status.inbox == [.accepted: 3, .ignored: 3, .refused: 2, .quarantined: 4])
            #expect((status.unapplied, status.refusals, status.stale) == (2, 4, 2))
            #expect((status.outbox(.settled), status.outbox(.parked), status.outbox(.waiting)) == (1, 1, 2))
            #expect(try await store.find("umps", limit: 9).filter { $0.entity == .opportunity }.count == 3)
            #expect(try await store.find("pu", limit: 9).filter { $0.entity == .opportunity }.count == 3)
            #expect(try await store.leads(["a", "b"]).count == 2)
            #expect(try await store.note("paused") == Array("1".utf8))
            #expect(try await store.refusals(before: nil, limit: 9).map(\.number) == [4, 3, 2, 1])
            let items = try await store.inbox(InboxFilter(opportunity: .sample(0)), before: nil, limit: 9)
            #expect(items.count == 3)
            for entry in try await store.unapplied(limit: 9, bytesMax: 9_999) { #expect(!entry.body.isEmpty) }
        }
    }

    @Test func whatWasDueAtOnceStillGoesInTheOrderOfItsComing() async throws {
        try await Self.withStore { store in
            let late = DesiredRecord.sample(4, "late")
            try await store.desired(late, now: Self.time(20))
            let claimed = try await store.leader.claim(
                .opportunity,
                limit: 9,
                now: Self.time(70_000),
                until: Self.time(80_000)
            )
            #expect(claimed.map(\.opportunity) == [7, 3, 9, 1, 8, 2, 4].map(GUID.sample))
            #expect(claimed.map(\.place) == claimed.map(\.place).sorted())
        }
    }

    @Test func itGoesOnFromThere() async throws {
        try await Self.withStore { store in
            let repeated = InboxEntry(identity: Array("identity 0".utf8), InboxLabels(.accepted), body: [])
            guard case .duplicate(_, .accepted) = try await store.append(repeated, now: Self.time(99)) else {
                Issue.record("what was stored is known")
                return
            }
            _ = try await store.store(.sample(100), now: Self.time(100))
            let waiting = try await store.unapplied(limit: 9, bytesMax: 9_999)
            try await store.apply(now: Self.time(101)) { $0.applied = waiting.map(\.id) }
            #expect(try await store.status().unapplied == 0)

            try await store.record([RefusedAttempts(.marketoUser, who: "new")], now: Self.time(102))
            #expect(try await store.refusals(before: nil, limit: 1).map(\.number) == [5])
            #expect(try await store.leader.releaseClaims(next: Self.time(103)) == 1)
            #expect(try await store.retry(.all, now: Self.time(104)) > 0)
            while try await !store.leader.prune(olderThan: Self.time(200), rowsMax: 3).isDone {}
            #expect(try await store.inbox(InboxFilter(), before: nil, limit: 9) == [])
        }
    }

    /// Kinds are kept as text, and what counts them begins with the first.
    @Test func aKindThatItDidNotKnowHasItsPlace() async throws {
        try await Self.withStore { store in
            for kind in [RecordKind.person, .salesPerson] {
                #expect(try await store.status().outbox[kind]?[.pending] ?? 0 == 0)
                try await store.apply { $0.desired = [.sample(7, "x", kind: kind)] }
                #expect(try await store.status().outbox[kind]?[.pending] == 1)
                #expect(try await store.claim(kind, at: 1_900_000_000_000).count == 1)
            }
            let user = MirrorRecord.sample(.systemUser, 7, name: "x")
            try await store.apply { $0.records = [(user, [])] }
            #expect(try await store.records([user.key])[user.key] == user)
        }
    }

    /// A file that the version before this one left: an erasure and a replay under way, and two passes over all records.
    @Test func longWorkOfTheVersionBeforeContinues() async throws {
        try await withFixture(.sqlite) { fixture in
            let file = Self.file.deletingLastPathComponent().appendingPathComponent("schema-6.sqlite")
            try FileManager.default.copyItem(at: file, to: URL(fileURLWithPath: fixture.path))
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits)
            let erasure = try #require(try await store.jobs(.erasure, .running, limit: 9).first)
            #expect(erasure.key.name == "3c4d0003-71b4-ef11-a72f-6045bd905a01")
            #expect(erasure.startedAt == 1_796_004_235_000)
            let replay = try #require(try await store.jobs(.replay, nil, limit: 9).first)
            #expect(replay.state == .running && replay.key.name == "0d11518d48b80000")
            #expect(replay.cursor == "0d11518d48680000" && replay.counts == ["replayed": 3, "skipped": 1])
            #expect(String(decoding: replay.work, as: UTF8.self).contains("\"outcome\":\"accepted\""))
            #expect(replay.startedAt == 1_796_004_235_000)
            #expect(try await store.jobs(.sweep, nil, limit: 9) == [], "they begin again")
            #expect(try await store.note("rules") == nil)
            #expect(try await store.stale(limit: 9).map(\.key.entity) == [.account])
            #expect(try await store.orders().pausedSince == 1_796_004_235_288)
            #expect(try await store.problems() == [])
            await store.close()
        }
    }
}
