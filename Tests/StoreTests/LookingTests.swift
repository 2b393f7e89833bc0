import OnewayCore
import Testing

@testable import Store

/// Queries for operators: groups of records that need attention.
@Suite struct LookingTests {
    private static let trouble = DeliveryTrouble(code: "1003", message: "no")

    @Test(arguments: StoreKind.allCases)
    func groupsAreCountedAsRecordsComeAndGo(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for number in 1...3 { try await store.desired(.sample(number, "a")) }
            try await store.desired(.sample(4, "a", kind: .role, heldFor: .customer))
            let items = try await store.claim(limit: 3, at: 2_000)
            try await store.leader.settle(
                items.map { Settlement($0, .parked(Self.trouble, requestID: nil)) },
                now: 2_000
            )
            func groups() async throws -> [String] {
                try await store.outboxGroups().map { "\($0.key.stage) \($0.key.why) \($0.key.kind) \($0.count)" }
            }
            #expect(try await groups() == ["parked 1003 opportunity 3", "waiting customer role 1"])
            #expect(try await store.retry(.key(items[0].key), now: 3_000) == 1)
            #expect(try await groups() == ["parked 1003 opportunity 2", "waiting customer role 1"])
            #expect(try await store.retry(.code("1003"), now: 3_000) == 2)
            try await store.desired(.sample(4, "a", kind: .role))
            #expect(try await groups() == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatWaitsIsListedByWhatFor(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for number in 1...5 {
                try await store.desired(.sample(number, "a", heldFor: number < 4 ? .customer : .name))
            }
            let filter = OutboxFilter(stage: .waiting, waitingFor: .customer)
            let first = try await store.outbox(filter, after: nil, limit: 2)
            let rest = try await store.outbox(filter, after: first.last?.key, limit: 2)
            #expect((first + rest).compactMap(\.opportunity) == [.sample(1), .sample(2), .sample(3)])
            #expect(try await store.outbox(OutboxFilter(stage: .parked, waitingFor: .name), after: nil, limit: 2) == [])
        }
    }

    @Test func aStoreOfAnEarlierVersionLearnsItsGroups() async throws {
        try await withFixture(.sqlite) { fixture in
            let path = fixture.path
            do {
                let old = try Connection(path: path, .write)
                for step in Schema.steps.prefix(2) { try old.execute("BEGIN; \(step); COMMIT;") }
                try old.execute(
                    """
                    PRAGMA user_version = 2;
                    INSERT INTO meta (name, value) VALUES ('rules', x'00'), ('paused', x'31');
                    INSERT INTO outbox (kind, key, version, stage, lane, code, waiting_for, attempts, claim, is_claimed, is_in_doubt)
                    VALUES ('role', 'a', 1, 'parked', 0, '1007', NULL, 1, 1, 0, 0),
                        ('role', 'b', 1, 'waiting', 0, NULL, 'lead', 0, 1, 0, 0),
                        ('role', 'c', 1, 'settled', 0, NULL, NULL, 0, 1, 0, 0);
                    """
                )
            }
            let store = try SQLiteStore(path: path, limits: fixture.limits)
            #expect(try await store.outboxGroups().map(\.key.why).sorted() == ["1007", "lead"])
            #expect(try await store.note("rules") == nil, "everything is projected again")
            #expect(try await store.note("paused") != nil)
            await store.close()
        }
    }

    /// The previous version left the lookups of an empty customer unchanged.
    @Test func aStoreOfThePreviousVersionIsProjectedAgainFromRepairedRecords() async throws {
        try await withFixture(.sqlite) { fixture in
            let key = RecordKey(.opportunity, .sample(0))
            var record = MirrorRecord(key)
            record.learn("customerid", StampedValue(.null, Stamp(second: 5, source: .target)))
            let account = Value.reference(entity: "account", id: .sample(1))
            record.learn("parentaccountid", StampedValue(account, Stamp(second: 3, source: .target)))
            do {
                let old = try Connection(path: fixture.path, .write)
                for step in Schema.steps.prefix(4) { try old.execute("BEGIN; \(step); COMMIT;") }
                try old.execute("PRAGMA user_version = 4; INSERT INTO meta (name, value) VALUES ('rules', x'00');")
                let insert = try old.prepare("INSERT INTO mirror (entity, id, record) VALUES (?, ?, ?)")
                let blob = [1] + record.encoded().dropFirst()
                try insert.run([.text("opportunity"), .blob(GUID.sample(0).bytes), .blob(blob)])
            }
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits)
            #expect(try await store.note("rules") == nil)
            let mended = try #require(try await store.records([key])[key])
            #expect(mended["parentaccountid"] == .null && mended["parentcontactid"] == .null)
            await store.close()
        }
    }
}
