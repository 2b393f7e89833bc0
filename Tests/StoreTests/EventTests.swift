import OnewayCore
import Testing

@testable import Store

/// The history of deliveries, in every store.
@Suite struct EventTests {
    private static let record = #"{"name":"one"}"#

    private func confirm(_ store: any Store, at time: Int64) async throws {
        let settlements = try await store.claim(at: time).map { item in
            var settlement = Settlement(item, .confirmed(requestID: "r"))
            settlement.sentAt = Timestamp(milliseconds: time)
            return settlement
        }
        try await store.leader.settle(settlements, now: Timestamp(milliseconds: time))
    }

    @Test(arguments: StoreKind.allCases)
    func tellWhatWasDecidedAndConfirmed(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(1, Self.record), now: 5)
            try await confirm(store, at: 10)
            try await store.desired(.sample(2, Self.record), now: 11)
            try await store.desired(.sample(1, #"{"name":"two"}"#), now: 12)
            let events = try await store.events(of: [.sample(1)], limit: 9)
            #expect(events.map(\.kind) == [.decided, .confirmed, .decided], "newest first")
            #expect(events.map(\.at) == [12, 10, 5] && events.map(\.version) == [2, 1, 1])
            #expect(events[0].change == Array(#"{"before":{"name":"one"},"after":{"name":"two"}}"#.utf8))
            #expect(events[1].sentAt == 10 && events[1].requestID == "r" && events[1].change == nil)
            #expect(try await store.events(of: [.sample(1)], limit: 2) == Array(events.prefix(2)))
            #expect(try await store.events(of: [.sample(2), .sample(1)], limit: 9).map(\.at) == [12, 11, 10, 5])
            #expect(try await store.events(of: [.sample(3)], limit: 9) == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofACompanyAreFoundByItsAccount(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(7, Self.record, kind: .company), now: 5)
            #expect(try await store.events(of: [.sample(7)], limit: 9).map(\.key.kind) == [.company])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func areForgottenByAgeAStepAtATime(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for number in 1...5 {
                try await store.desired(.sample(number, Self.record), now: Timestamp(milliseconds: Int64(number)))
            }
            let first = try await store.leader.forgetEvents(olderThan: 4, rowsMax: 2)
            #expect(first == Pruned(rows: 2, isDone: false))
            let second = try await store.leader.forgetEvents(olderThan: 4, rowsMax: 2)
            #expect(second == Pruned(rows: 1, isDone: true))
            let none = try await store.leader.forgetEvents(olderThan: 4, rowsMax: 2)
            #expect(none == Pruned(rows: 0, isDone: true))
            let left = try await store.events(of: (1...5).map(GUID.sample), limit: 9)
            #expect(left.map(\.at) == [5, 4])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func goWithAnErasedRecord(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let role = DesiredRecord.role(of: 2, in: 1, nil)
            try await store.desired(.role(of: 2, in: 1, Self.record), now: 1)
            try await store.desired(role, now: 2)
            try await store.desired(.sample(1, Self.record), now: 3)
            #expect(try await store.events(of: [.sample(1)], limit: 9).count == 3)
            var erasure = Erasure(basis: try await store.mirrorVersion())
            erasure.outbox = [role.key]
            let erased = try await store.leader.erase(erasure)
            #expect(erased.outbox == 1)
            #expect(try await store.events(of: [.sample(1)], limit: 9).map(\.key.kind) == [.opportunity])
        }
    }

    @Test func outliveARestart() async throws {
        try await withFixture(.sqlite) { fixture in
            let store = try fixture.open()
            try await store.desired(.sample(1, Self.record), now: 5)
            try await confirm(store, at: 10)
            let events = try await store.events(of: [.sample(1)], limit: 9)
            let item = try await store.outboxItem(DesiredRecord.sample(1, nil).key)
            #expect(item?.state.confirmedAt == 10)
            await store.close()
            let next = try fixture.open()
            #expect(try await next.events(of: [.sample(1)], limit: 9) == events)
            #expect(try await next.outboxItem(DesiredRecord.sample(1, nil).key) == item)
            try await next.desired(.sample(1, nil), now: 20)
            #expect(try await next.events(of: [.sample(1)], limit: 1).map(\.at) == [20], "numbered on")
            await next.close()
        }
    }
}
