import Foundation
import OnewayCore
import Testing
import Threads

@testable import Store

/// Behaviour of a file: it persists, breaks, and fills up.
@Suite struct SQLiteTests {
    /// The path, the reason, and the remedy: it is all that a service that cannot start may say.
    @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
        let missing = "/nowhere/at/all/oneway.db"
        let failed = #expect(throws: StoreError.self) { try SQLiteStore(path: missing) }
        #expect(failed?.detail.contains(missing) == true && failed?.detail.contains("create its folder") == true)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID()).db")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            try? FileManager.default.removeItem(at: folder)
            try? FileManager.default.removeItem(atPath: folder.path + "-lock")
        }
        let unwritable = #expect(throws: StoreError.self) { try SQLiteStore(path: folder.path) }
        #expect(unwritable?.detail.hasPrefix("\(folder.path) cannot be written (Is a directory): make it") == true)
    }

    @Test func everythingIsThereAfterACrashBetweenAnyTwoSteps() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits)
            func crash(_ stepped: String, _ check: (SQLiteStore) async throws -> Bool) async throws {
                let survivor = try fixture.afterCrash()
                #expect(try await check(survivor), "after: \(stepped)")
                #expect(try await survivor.problems() == [])
                await survivor.close()
            }
            let id = try await store.store(.sample(1))
            try await crash("append") { try await $0.unapplied(limit: 9, bytesMax: 999).map(\.id) == [id] }
            try await store.apply {
                $0.records = [(.sample(.opportunity, 1, name: "a"), [])]
                $0.desired = [.sample(1, "x")]
                $0.applied = [id]
            }
            try await crash("apply") { survivor in
                let version = try await survivor.mirrorVersion()
                let repeated = try await survivor.append(.sample(1), now: 9)
                let (unapplied, claimed) = (try await survivor.status().unapplied, try await survivor.claim(at: 2_000))
                return unapplied == 0 && version.number == 1 && claimed.count == 1
                    && repeated == .duplicate(of: id, outcome: .accepted)
            }
            let items = try await store.claim(at: 2_000)
            try await crash("claim") { survivor in
                let early = try await survivor.claim(at: 2_900)
                let late = try await survivor.claim(at: 3_000)
                return early.isEmpty && late.map(\.state.isInDoubt) == [true]
            }
            try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: "r")) }, now: 2_500)
            try await crash("settle") { try await $0.status().outbox(.settled) == 1 }
            await store.close()
        }
    }

    /// Each would queue behind the incoming notifications.
    @Test func whatACallSettlesIsOneTransaction() async throws {
        try await withFixture(.sqlite) { fixture in
            let commits = Locked(0)
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits) { _ in commits.withLock { $0 += 1 }
            }
            try await store.apply { $0.desired = (0..<300).map { .sample($0, "x") } }
            let items = try await store.claim(limit: 300, at: 2_000)
            let before = commits.withLock { $0 }
            try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: "r")) }, now: 2_500)
            #expect(commits.withLock { $0 } == before + 1)
            #expect(try await store.status().outbox(.settled) == 300)
            await store.close()
        }
    }

    @Test func whatWaitedIsWrittenByClosingAndReadByOpening() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try fixture.open()
            let ids = try await withThrowingTaskGroup(of: InboxID.self) { group in
                for number in 0..<50 { group.addTask { try await store.store(.sample(number), now: 5_000) } }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            await store.close()
            await store.close()
            let again = try fixture.open()
            #expect(try await again.unapplied(limit: 99, bytesMax: 9_999).map(\.id) == ids)
            let next = try await again.store(.sample(99), now: 1)
            #expect(next > ids[49], "ids continue where they ended, regardless of the clock")
            #expect(try await again.problems() == [])
            await again.close()
        }
    }

    @Test func oneThatBreaksARuleOfTheFileTakesNobodyWithIt() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try fixture.open()
            let other = try Connection(path: fixture.path, .write)
            try other.execute(
                """
                CREATE TRIGGER poison BEFORE INSERT ON inbox WHEN NEW.entity = 'poison'
                BEGIN SELECT RAISE(ABORT, 'no'); END
                """
            )
            let stored = await withTaskGroup(of: (Int, Bool).self) { group in
                for number in 0..<100 {
                    group.addTask {
                        var entry = InboxEntry.sample(number)
                        if number % 10 == 3 { entry.labels.entity = "poison" }
                        return (number, (try? await store.store(entry)) != nil)
                    }
                }
                return await group.reduce(into: [Int]()) { if $1.1 { $0.append($1.0) } }.sorted()
            }
            #expect(stored == (0..<100).filter { $0 % 10 != 3 })
            #expect(store.failure == nil)
            #expect(try await store.problems() == [])
            await store.close()
        }
    }

    @Test func aJobThatFailsChangesNothingAndHarmsNobody() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits)
            let id = try await store.store(.sample(1))
            await #expect(throws: StoreError(.invalid, "planned")) {
                try await store.write { session throws(StoreError) in
                    var changes = Changes()
                    changes.inbox = try session.inbox([id]).map { RowChange(before: $0, after: nil) }
                    try session.save(changes)
                    throw StoreError(.invalid, "planned")
                }
            }
            #expect(try await store.status().unapplied == 1)
            #expect(try await store.problems() == [])
            await store.close()
        }
    }

    @Test func aSecondProcessIsKeptOut() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try fixture.open()
            let second = #expect(throws: StoreError.self) { try fixture.open() }
            #expect(second?.kind == .inUse && second?.detail.contains(fixture.path) == true)
            await store.close()
            await (try fixture.open()).close()
        }
    }

    @Test(arguments: [false, true])
    func nothingIsAcknowledgedOnceTheFileIsNotWhereItWas(anotherTakesItsPlace: Bool) async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try SQLiteStore(path: fixture.path, limits: fixture.limits)
            _ = try await store.store(.sample(1))
            let aside = fixture.path + "-aside"
            try FileManager.default.moveItem(atPath: fixture.path, toPath: aside)
            if anotherTakesItsPlace { try Data().write(to: URL(fileURLWithPath: fixture.path)) }
            #expect(store.failure?.kind == .unavailable)
            await #expect(throws: StoreError.self) { try await store.append(.sample(2), now: 1) }

            try? FileManager.default.removeItem(atPath: fixture.path)
            try FileManager.default.moveItem(atPath: aside, toPath: fixture.path)
            #expect(store.failure == nil, "the same file is back")
            _ = try await store.store(.sample(3))
            #expect(try await store.status().unapplied == 2)
            await store.close()
        }
    }

    @Test func aNewerSchemaIsRefusedAndLeftAlone() async throws {
        try await withFixture(.sqlite) { fixture in
            await (try fixture.open()).close()
            try Connection(path: fixture.path, .write).execute("PRAGMA user_version = 99")
            #expect { try fixture.open() } throws: { ($0 as? StoreError)?.kind == .newerSchema }
            #expect(try Schema.version(of: Connection(path: fixture.path, .read)) == 99)
        }
    }

    @Test func aFileThatIsNotAStoreIsReported() async throws {
        try await withFixture(.sqlite) { fixture in
            try Data(repeating: 65, count: 9_000).write(to: URL(fileURLWithPath: fixture.path))
            #expect { try fixture.open() } throws: { ($0 as? StoreError)?.kind == .corrupt }
            let nowhere = fixture.folder.appendingPathComponent("no/such/folder/oneway.db").path
            #expect { try SQLiteStore(path: nowhere) } throws: { ($0 as? StoreError)?.kind == .unavailable }
        }
    }

    @Test func damageIsFound() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try fixture.open()
            _ = try await store.store(.sample(1))
            let other = try Connection(path: fixture.path, .write)
            try other.execute("UPDATE counter SET value = 7 WHERE name = 'accepted'")
            #expect(try await store.problems() == ["the counter accepted says 7, the rows say 1"])
            await store.close()
        }
    }

    @Test func theLogStaysShort() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try fixture.open()
            let noise = (0..<20_000).map { _ in UInt8.random(in: 0...255) }
            for round in 0..<40 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<64 {
                        group.addTask {
                            var entry = InboxEntry.sample(round * 64 + number)
                            entry.body = noise
                            _ = try await store.append(entry, now: 1)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let size = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")[.size] as? Int
            #expect(try #require(size) < 32 << 20, "50 MB went through it")
            await store.close()
        }
    }

    @Test func valuesOfStatementsAreNumberedInOrder() throws {
        let filters = [
            OutboxFilter(), OutboxFilter(stage: .pending, code: "c", opportunity: .zero, waitingFor: .name),
            OutboxFilter(stage: .parked, code: "c"), OutboxFilter(stage: .waiting, waitingFor: .name),
        ]
        let texts =
            [
                SQL.inboxInsert, SQL.inboxList, SQL.inboxListOfOutcome, SQL.inboxListOfOpportunity, SQL.inboxUpdate,
                SQL.inboxListOfOpportunityAndOutcome, SQL.inboxUnappliedOfOpportunity, SQL.opportunityDelete,
                SQL.outboxInsert, SQL.outboxDue, SQL.edgesBack, SQL.refusalSet,
                SQL.outboxUpdate(changed: []), SQL.outboxUpdate(changed: [0, 8]),
            ] + filters.map { SQL.outboxList($0).sql }
        for text in texts {
            let numbers = text.matches(of: /\$(\d+)/).compactMap { Int($0.output.1) }
            var highest = 0
            for number in numbers {
                #expect(number <= highest + 1, "SQLite numbers by first use: \(text)")
                highest = max(highest, number)
            }
        }
    }
}
