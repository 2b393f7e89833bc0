import OnewayCore
import Testing

@testable import Store

@Suite struct InboxTests {
    @Test(arguments: StoreKind.allCases)
    func whatIsStoredComesBackAsItCame(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let opportunity = GUID(high: 1, low: 2)
            var entry = InboxEntry.sample(1, opportunity: opportunity, body: "{\"a\": 1.50}\n")
            entry.labels.reasons = [
                Reason(rule: "R7", says: "time from the post-image"), Reason(rule: nil, says: "a\tb"),
            ]
            entry.labels.code = "code"
            let id = try await store.store(entry, now: 1_234)
            #expect(try await store.body(of: id) == entry.body)
            let item = try #require(try await store.inboxItem(id))
            #expect(item.receivedAt == 1_234)
            #expect((item.outcome, item.message, item.entity) == (.accepted, "Update", "opportunity"))
            #expect((item.record, item.opportunity, item.code) == (opportunity, opportunity, "code"))
            #expect(item.reasons == entry.reasons)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRepetitionNamesTheFirst(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = try await store.store(.sample(1, .quarantined))
            var again = InboxEntry.sample(1)
            again.body = []
            #expect(try await store.append(again, now: 9_000) == .duplicate(of: first, outcome: .quarantined))
            #expect(try await store.inbox(InboxFilter(), before: nil, limit: 10).map(\.id) == [first])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofManyEqualOnesAtOnceExactlyOneIsStored(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let answers = try await withThrowingTaskGroup(of: Appended.self) { group in
                for number in 0..<200 { group.addTask { try await store.append(.sample(number % 10), now: 5) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let stored = answers.compactMap { if case .stored(let id) = $0 { id } else { nil } }
            let named = answers.compactMap { if case .duplicate(let id, _) = $0 { id } else { nil } }
            #expect(stored.count == 10)
            #expect(Set(stored).count == 10)
            #expect(Set(named) == Set(stored))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func namesSortByArrivalEvenWhereTheClockGoesBack(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var ids: [InboxID] = []
            for (number, now) in ([5_000, 5_000, 4_000, 6_000, 1] as [Int64]).enumerated() {
                ids.append(try await store.store(.sample(number), now: Timestamp(milliseconds: now)))
            }
            #expect(ids == ids.sorted() && Set(ids).count == ids.count)
            #expect(ids.map(\.description) == ids.map(\.description).sorted())
            #expect(ids.allSatisfy { InboxID($0.description) == $0 })
            #expect(
                ["", "0", "000000009c40000", "000000009C40000g", "ffffffffffffffff"].allSatisfy { InboxID($0) == nil }
            )
        }
    }

    @Test(arguments: StoreKind.allCases)
    func onlyWhatIsToBeAppliedWaits(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var ids: [Outcome: InboxID] = [:]
            for (number, outcome) in Outcome.allCases.enumerated() {
                ids[outcome] = try await store.store(.sample(number, outcome))
            }
            let waiting = try await store.unapplied(limit: 10, bytesMax: 1_000)
            #expect(waiting.map(\.id) == [ids[.accepted], ids[.refused]])
            #expect(waiting.map(\.outcome) == [.accepted, .refused])
            #expect(waiting.map(\.body) == [0, 2].map { Array("{\"number\":\($0)}".utf8) })
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aBatchIsBoundedByRowsAndBytesButNeverEmpty(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let body = String(repeating: "x", count: 1_000)
            for number in 0..<5 { _ = try await store.store(.sample(number, body: body)) }
            for (limit, bytes, expected) in [(3, 100_000, 3), (5, 1_500, 2), (5, 1, 1), (0, 1, 0)] {
                #expect(try await store.unapplied(limit: limit, bytesMax: bytes).count == expected)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsAppliedCanBeReadAgainNewestFirst(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let body = String(repeating: "x", count: 1_000)
            var ids: [InboxID] = []
            for number in 0..<8 {
                let outcome: Outcome = number == 3 ? .ignored : number == 4 ? .refused : .accepted
                ids.append(try await store.store(.sample(number, outcome, body: body)))
            }
            var last: Int?
            func applied(
                before: Int? = nil,
                limit: Int = 50,
                rowsMax: Int = 50,
                bytesMax: Int = 100_000
            ) async throws -> [Int] {
                let before = before.map { ids[$0] }
                let page = try await store.applied(before: before, limit: limit, rowsMax: rowsMax, bytesMax: bytesMax)
                #expect(page.entries.allSatisfy { $0.body == Array(body.utf8) })
                last = page.last.flatMap { ids.firstIndex(of: $0) }
                return page.entries.compactMap { ids.firstIndex(of: $0.id) }
            }
            #expect(try await applied().isEmpty, "nothing is applied yet")
            try await store.apply(now: 1) { $0.applied = ids.filter { $0 != ids[6] } }
            #expect(try await applied() == [7, 5, 4, 2, 1, 0])
            #expect(try await applied(before: 5) == [4, 2, 1, 0])
            #expect(try await applied(limit: 2) == [7, 5])
            #expect(try await applied(bytesMax: 1_500) == [7, 5])
            #expect(try await applied(bytesMax: 1) == [7])
            #expect(last == 7)
            #expect(try await applied(before: 7, rowsMax: 1).isEmpty && last == 6, "an unapplied one was looked at")
            #expect(try await applied(before: 5, rowsMax: 2) == [4] && last == 3)
            #expect(try await applied(before: 0).isEmpty && last == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func listsAreFilteredAndPaged(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let opportunity = GUID(high: 7, low: 7)
            var ids: [InboxID] = []
            for number in 0..<12 {
                let entry = InboxEntry.sample(
                    number,
                    number % 3 == 0 ? .ignored : .accepted,
                    opportunity: number % 4 == 0 ? opportunity : nil
                )
                ids.append(try await store.store(entry, now: Timestamp(milliseconds: Int64(1_000 + number * 10))))
            }
            func list(_ filter: InboxFilter, before: Int? = nil, limit: Int = 50) async throws -> [Int] {
                try await store.inbox(filter, before: before.map { ids[$0] }, limit: limit)
                    .compactMap { ids.firstIndex(of: $0.id) }
            }
            #expect(try await list(InboxFilter()) == Array((0..<12).reversed()))
            #expect(try await list(InboxFilter(), limit: 2) == [11, 10])
            #expect(try await list(InboxFilter(), before: 10, limit: 2) == [9, 8])
            #expect(try await list(InboxFilter(outcome: .ignored)) == [9, 6, 3, 0])
            #expect(try await list(InboxFilter(outcome: .ignored), before: 6) == [3, 0])
            #expect(try await list(InboxFilter(opportunity: opportunity)) == [8, 4, 0])
            #expect(try await list(InboxFilter(outcome: .accepted, opportunity: opportunity)) == [8, 4])
            #expect(try await list(InboxFilter(from: 1_030, to: 1_060)) == [5, 4, 3])
            #expect(try await list(InboxFilter(outcome: .accepted, from: 1_030, to: 1_060)) == [5, 4])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aBrokenEntryIsRefusedAlone(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for identity in [[], [UInt8](repeating: 1, count: InboxEntry.identityBytesMax + 1)] {
                await #expect(throws: StoreError.self) {
                    try await store.append(InboxEntry(identity: identity, InboxLabels(.accepted), body: []), now: 1)
                }
            }
            _ = try await store.store(.sample(1))
            await store.close()
            await #expect(throws: StoreError.closed) { try await store.append(.sample(2), now: 1) }
            await #expect(throws: StoreError.closed) { try await store.unapplied(limit: 1, bytesMax: 1) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func unneededRowsAreRemovedFirst(kind: StoreKind) async throws {
        var limits = StoreLimits.forTests
        limits.ignoredRowsMax = 3
        limits.quarantinedRowsMax = 4
        try await withStore(kind, limits: limits) { store in
            for number in 0..<10 {
                _ = try await store.store(.sample(number, .ignored))
                _ = try await store.store(.sample(100 + number, .quarantined))
            }
            let ignored = try await store.inbox(InboxFilter(outcome: .ignored), before: nil, limit: 50)
            let quarantined = try await store.inbox(InboxFilter(outcome: .quarantined), before: nil, limit: 50)
            #expect((ignored.count, quarantined.count) == (3, 4))
            #expect(ignored.allSatisfy { $0.bodyBytes == 0 })
            #expect(try await store.body(of: try #require(quarantined.first).id) == Array("{\"number\":109}".utf8))
        }
    }
}
