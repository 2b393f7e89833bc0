import Coordination
package import OnewayCore
package import Store
import Threads

/// R3: the number of selected values that no notification contained, over all opportunities.
///
/// They are counted page by page, apart from the requests that ask for them, because the mirror may be large; a count
/// is used until the mirror changes, or for a few seconds.
package final class UnknownCount: Sendable {
    static let opportunitiesPerPage = 256
    /// How long a request waits for a count in progress.
    static let patience = Duration.milliseconds(40)
    static let servesFor = Duration.seconds(10)

    private let store: any StoreQueries
    private let book: RuleBook
    private let state = Locked(State())

    private struct State: Sendable {
        var counted: (count: Int, version: MirrorVersion, at: ContinuousClock.Instant)?
        /// The result so far of the count in progress; nil when there is none.
        var underWay: Int?
        var latches: [Latch] = []
    }

    package init(store: any StoreQueries, book: RuleBook) {
        self.store = store
        self.book = book
    }

    /// Returns the count after a short wait. When it is incomplete, this is the previous count, or what was found so
    /// far.
    package func latest() async -> (count: Int, isComplete: Bool) {
        if let count = await current() { return (count, true) }
        let latch = Latch()
        let isFirst = state.withLock { state in
            defer { if state.underWay == nil { state.underWay = 0 } }
            state.latches.append(latch)
            return state.underWay == nil
        }
        if isFirst { Task { await self.count() } }
        await latch.wait(atMost: Self.patience)
        if let count = await current() { return (count, true) }
        return state.withLock { ($0.counted?.count ?? $0.underWay ?? 0, false) }
    }

    private func current() async -> Int? {
        guard let counted = state.withLock({ $0.counted }) else { return nil }
        if ContinuousClock.now - counted.at < Self.servesFor { return counted.count }
        return (try? await store.mirrorVersion()) == counted.version ? counted.count : nil
    }

    private func count() async {
        let counted = try? await countAll()
        let latches = state.withLock { state in
            if let counted { state.counted = (counted.count, counted.version, ContinuousClock.now) }
            state.underWay = nil
            defer { state.latches = [] }
            return state.latches
        }
        for latch in latches { latch.open() }
    }

    private func countAll() async throws(StoreError) -> (count: Int, version: MirrorVersion) {
        let version = try await store.mirrorVersion()
        var (count, last) = (0, GUID?.none)
        while true {
            let records = try await store.records(of: .opportunity, after: last, limit: Self.opportunitiesPerPage)
            count += records.reduce(0) { $0 + book.unknownFields(of: $1) }
            guard records.count == Self.opportunitiesPerPage else { return (count, version) }
            last = records.last?.key.id
            let found = count
            state.withLock { $0.underWay = found }
        }
    }
}
