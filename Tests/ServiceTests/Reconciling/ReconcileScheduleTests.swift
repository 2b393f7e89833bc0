import Coordination
import OnewayCore
import Testing

@testable import Loading
@testable import Reconciling
@testable import Store

/// Before everything was loaded once, nothing is reconciled by itself.
@Suite struct ReconcileScheduleTests {
    private static let now = Timestamp(second: 1_000_000)

    private func nextTime(_ store: any Store) async throws -> Timestamp? {
        try await Reconciler.nextTime(in: store, everyMinutes: 60)
    }

    private func load(_ store: any Store, _ work: LoadWork, _ phase: LoadPhase, _ state: Job.State) async throws {
        var load = LoadJob(work, startedAt: Self.now)
        #expect(try await store.begin(load.job))
        load.cursor.enter(phase)
        load.job.end(state, at: Self.now)
        try await store.leader.save(load.job)
    }

    @Test(arguments: [
        (LoadWork(), LoadPhase.opportunities, Job.State.cancelled, false),
        (LoadWork(), .sending, .cancelled, true), (LoadWork(), .sending, .done, true),
        (LoadWork(since: Self.now), .sending, .done, false), (LoadWork(only: .contact), .sending, .done, false),
    ])
    func itBeginsOnceAllIsRead(work: LoadWork, phase: LoadPhase, state: Job.State, begins: Bool) async throws {
        let store = MemoryStore()
        #expect(try await nextTime(store) == nil)
        try await load(store, work, phase, state)
        #expect(try await nextTime(store) == (begins ? Self.now.adding(seconds: 3_600) : nil))
    }

    /// Of hundreds of smaller loads that followed, only the newest are listed.
    @Test func itGoesOnWhateverIsLoadedAfter() async throws {
        let store = MemoryStore()
        let state = TableState(link: nil, columns: "", readAt: Self.now.second, allReadAt: Self.now.second)
        try await store.leader.setNote(TableState.note(.opportunity), state.bytes)
        try await load(store, LoadWork(since: Self.now), .sending, .done)
        #expect(try await nextTime(store) == Self.now.adding(seconds: 3_600))
    }
}
