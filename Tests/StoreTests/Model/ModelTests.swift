import OnewayCore
import TestSupport
import Testing

@testable import Store

/// The memory store is the model of a store; the others must behave the same in every operation.
@Suite struct ModelTests {
    @Test(arguments: UInt64(0)..<40)
    func theFileAnswersAsTheMemoryStoreDoes(seed: UInt64) async throws { try await compare(.sqlite, seed) }

    @Test(arguments: UInt64(100)..<112)
    func theDatabaseAnswersAsTheMemoryStoreDoes(seed: UInt64) async throws { try await compare(.postgreSQL, seed) }

    private func compare(_ kind: StoreKind, _ seed: UInt64) async throws {
        var limits = StoreLimits.forTests
        (limits.ignoredRowsMax, limits.quarantinedRowsMax, limits.refusalRowsMax) = (3, 3, 3)
        (limits.inboxBytesMax, limits.quarantinedBytesMax) = (400, 60)
        let model = MemoryStore(limits: limits)
        try await withStore(kind, limits: limits) { store in
            var random = Seeded(seed)
            var now: Int64 = 1_000
            for number in 0..<120 {
                now += Int64.random(in: 0...40, using: &random)
                let step = Step.random(using: &random)
                let time = Timestamp(milliseconds: now)
                let (expected, got) = (await step.run(on: model, now: time), await step.run(on: store, now: time))
                #expect(expected == got, "seed \(seed), step \(number): \(step)")
                guard expected == got else { return }
            }
            let (expected, got) = (try await Everything(model), try await Everything(store))
            #expect(expected == got, "seed \(seed)")
            // What is kept is what follows from the rows.
            for standing in got.standings[0] {
                let items = got.outbox.filter { $0.opportunity == standing.opportunity }
                let now = standing.changedAt
                #expect(standing == OpportunityStanding(standing.opportunity, items, standing.absence, at: now))
            }
            let listed = Set(got.standings[0].map(\.opportunity))
            #expect(listed.isSuperset(of: got.outbox.compactMap(\.opportunity)), "seed \(seed)")
        }
    }
}

/// Everything that can be read from a store.
struct Everything: Equatable {
    let status: StoreStatus
    let inbox: [InboxItem]
    let bodies: [[UInt8]?]
    let unapplied: [UnappliedEntry]
    let outbox: [OutboxItem]
    let groups: [OutboxGroup]
    let standings: [[OpportunityStanding]]
    let missing: [MissingPerson]
    let found: [[RecordKey]]
    let due: [Timestamp?]
    let refusals: [RefusalItem]
    let records: [MirrorRecord]
    let leads: [String: RememberedLead]
    let referrers: [GUID]
    let stale: [StaleRecord]
    let jobs: [[Job]]

    /// By every filter alone and by some together, in pages of three.
    private static func standings(_ store: any Store) async throws -> [[OpportunityStanding]] {
        var filters = [StandingFilter()]
        func add(_ change: (inout StandingFilter) -> Void) {
            var filter = StandingFilter()
            change(&filter)
            filters.append(filter)
        }
        for state in OpportunityState.allCases { add { $0.state = state } }
        for reason in WaitReason.allCases { add { $0.waitingFor = reason } }
        for state in OpportunityState.allCases { add { ($0.account, $0.state) = (.sample(9), state) } }
        add { $0.code = "c" }
        add { $0.isOldestFirst = true }
        add { ($0.code, $0.waitingFor, $0.state) = ("c", .lead, .parked) }
        add { ($0.changedSince, $0.isOldestFirst) = (Timestamp(milliseconds: 2_500), true) }
        var lists: [[OpportunityStanding]] = []
        for filter in filters {
            var (list, last) = ([OpportunityStanding](), StandingCursor?.none)
            repeat {
                let page = try await store.standings(filter, after: last, limit: 3)
                list += page
                last = page.last.map(StandingCursor.init)
            } while last != nil
            lists.append(list)
        }
        return lists
    }

    init(_ store: any Store) async throws {
        status = try await store.status()
        inbox = try await store.inbox(InboxFilter(), before: nil, limit: 500)
        var bodies: [[UInt8]?] = []
        // A damaged one is reported as damaged, which is an acceptable answer here.
        for item in inbox { bodies.append(try? await store.body(of: item.id)) }
        self.bodies = bodies
        unapplied = try await store.unapplied(limit: 500, bytesMax: 100_000)
        outbox = try await store.outbox(OutboxFilter(), after: nil, limit: 500)
        groups = try await store.outboxGroups()
        standings = try await Self.standings(store)
        missing = try await store.missingPeople(after: nil, limit: 500)
        var found: [[RecordKey]] = []
        for words in ["", "A", " n", "none", "one", "x"] { found.append(try await store.find(words, limit: 3)) }
        self.found = found
        var due: [Timestamp?] = []
        for kind in RecordKind.allCases { due.append(try await store.nextDue(kind)) }
        self.due = due
        refusals = try await store.refusals(before: nil, limit: 500)
        stale = try await store.stale(limit: 500)
        var jobs: [[Job]] = []
        for kind in Job.Kind.allCases {
            for state in [nil, Job.State.running] { jobs.append(try await store.jobs(kind, state, limit: 500)) }
        }
        self.jobs = jobs
        records = try await store.records(of: .opportunity, after: nil, limit: 500)
        leads = try await store.leads((0..<5).map { "\(GUID.sample($0))" })
        referrers = try await store.referrers(
            to: RecordKey(.account, .sample(1)),
            from: .opportunity,
            after: nil,
            limit: 500
        )
    }
}
