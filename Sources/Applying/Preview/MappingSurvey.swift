import Coordination
package import OnewayCore
package import Store
import Threads

/// R3: over all opportunities, the number of selected values that no notification contained, and, as long as changed
/// rules have not reached all of the outbox, what they still change there.
///
/// They are counted page by page, apart from the requests that ask for them, because the mirror may be large; a count
/// is used until the mirror changes, or for a few seconds.
package final class MappingSurvey: Sendable {
    /// How long a request waits for a count in progress.
    static let patience = Duration.milliseconds(40)
    static let servesFor = Duration.seconds(10)

    private let projector: Projector
    private let state = Locked(State())

    package struct Counts: Sendable {
        package var unknown = 0
        package var changes = ChangeSummary()
    }

    private struct State: Sendable {
        var counted: (counts: Counts, version: MirrorVersion, at: ContinuousClock.Instant)?
        /// The result so far of the count in progress; nil when there is none.
        var underWay: Counts?
        var latches: [Latch] = []
    }

    package init(_ projector: Projector) { self.projector = projector }

    private var store: any StoreQueries { projector.store }

    /// Whether all of the outbox is what the present rules want of the mirror.
    package func isProjected() async throws(StoreError) -> Bool {
        let isSweeping = try await !store.jobs(.sweep, .running, limit: 1).isEmpty
        if isSweeping { return false }
        return try await store.status().stale == 0
    }

    /// Returns the counts after a short wait. When they are incomplete, these are the previous ones, or what was found
    /// so far.
    package func latest() async -> (counts: Counts, isComplete: Bool) {
        if let counts = await current() { return (counts, true) }
        let latch = Latch()
        let isFirst = state.withLock { state in
            defer { if state.underWay == nil { state.underWay = Counts() } }
            state.latches.append(latch)
            return state.underWay == nil
        }
        if isFirst { Task { await self.count() } }
        await latch.wait(atMost: Self.patience)
        if let counts = await current() { return (counts, true) }
        return state.withLock { ($0.counted?.counts ?? $0.underWay ?? Counts(), false) }
    }

    private func current() async -> Counts? {
        guard let counted = state.withLock({ $0.counted }) else { return nil }
        if ContinuousClock.now - counted.at < Self.servesFor { return counted.counts }
        // The outbox catches up without a change of the mirror.
        if counted.counts.changes.total > 0 { return nil }
        return (try? await store.mirrorVersion()) == counted.version ? counted.counts : nil
    }

    private func count() async {
        let counted = try? await countAll()
        let latches = state.withLock { state in
            if let counted { state.counted = (counted.counts, counted.version, ContinuousClock.now) }
            state.underWay = nil
            defer { state.latches = [] }
            return state.latches
        }
        for latch in latches { latch.open() }
    }

    private func countAll() async throws(StoreError) -> (counts: Counts, version: MirrorVersion) {
        let version = try await store.mirrorVersion()
        let isProjected = try await isProjected()
        var (counts, last) = (Counts(), GUID?.none)
        while true {
            let records = try await store.records(of: .opportunity, after: last, limit: Projector.opportunitiesMax)
            counts.unknown += records.reduce(0) { $0 + projector.book.unknownFields(of: $1) }
            if !isProjected {
                for change in try await projector.changes(of: records.map(\.key.id), against: .wanted) {
                    counts.changes.add(change)
                }
            }
            guard records.count == Projector.opportunitiesMax else { return (counts, version) }
            last = records.last?.key.id
            let found = counts
            state.withLock { $0.underWay = found }
        }
    }
}
