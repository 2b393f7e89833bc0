package import Configuration
import Coordination
package import OnewayCore
import Reading
package import Store
import Synchronization
package import Telemetry
import Threads

/// Adds changed records to a step, and what follows from them. Anything else it needs it reads from the store: if that
/// changes meanwhile, the whole step is computed again.
typealias Projecting = @Sendable ([ChangedRecord], inout Application) async throws(StoreError) -> Void

/// The next step of what earlier changes have still to reach, of so many of them; nil: all is reached.
typealias PassingOn = @Sendable (_ limit: Int) async throws(StoreError) -> Application?

/// Brings the inbox into the mirror, and what follows from it into the outbox, a batch in a transaction.
///
/// One that cannot be applied is set aside with its reason and never keeps up the next.
package final class Applier: Running {
    static let bytesMax = 1 << 20
    static let recoverySeconds = 1
    static let pauseMax = Duration.milliseconds(250)

    /// Whoever changes the mirror takes this from reading its version to the end of the step. Without it the shortest
    /// step would win for ever, and the others compute theirs anew.
    let mirror = AsyncMutex()
    private let store: any Store
    private let reader: InboxReader
    private let rules: Projecting
    private let rest: PassingOn
    /// Something may be wanted of Marketo now.
    private let wished: @Sendable () -> Void
    /// After a batch of notifications is applied.
    private let applied: @Sendable (AppliedBatch) -> Void
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let size = Locked(StepSize())
    private let arrivals = Atomic(0)
    private let isStopped = Atomic(false)
    private let wakes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(
        store: any Store,
        policy: Policy,
        rules: @escaping Projecting,
        rest: @escaping PassingOn,
        wished: @escaping @Sendable () -> Void = {},
        applied: @escaping @Sendable (AppliedBatch) -> Void = { _ in },
        now: @escaping @Sendable () -> Timestamp,
        log: Log
    ) {
        self.wished = wished
        self.applied = applied
        self.store = store
        self.reader = InboxReader(policy: policy)
        self.rules = rules
        self.rest = rest
        self.now = now
        self.log = log
    }

    package convenience init(
        _ settings: Configuration,
        store: any Store,
        wished: @escaping @Sendable () -> Void = {},
        applied: @escaping @Sendable (AppliedBatch) -> Void = { _ in },
        log: Log
    ) {
        let projector = Projector(settings, store: store)
        self.init(
            store: store,
            policy: Policy(settings),
            rules: projector.add,
            rest: projector.passOn,
            wished: wished,
            applied: applied,
            now: TimeSource.systemNow,
            log: log
        )
    }

    /// Something waits in the inbox.
    package func wake() {
        arrivals.add(1, ordering: .relaxed)
        wakes.continuation.yield()
    }

    /// Somebody else has changed the mirror: there may be something to pass on, and something wanted of Marketo.
    func noticeChange() {
        wake()
        wished()
    }

    /// What is under way ends; the rest waits for the next run.
    func stop() async {
        isStopped.store(true, ordering: .relaxed)
        wakes.continuation.finish()
    }

    func run() async {
        // What an earlier run left.
        wake()
        for await _ in wakes.stream {
            do throws(StoreError) { try await applyAll() } catch {
                if error.kind == .closed { return }
                if error.kind == .outdated {
                    wake()
                    continue
                }
                log.error("cannot apply now, trying again", [.error: .text("\(error)")])
                try? await Task.sleep(for: .seconds(Self.recoverySeconds))
                wake()
            }
        }
    }

    /// Accepting goes first: while as much comes as is applied, nine tenths of the time are left to it.
    private func applyAll() async throws(StoreError) {
        let clock = ContinuousClock()
        while !isStopped.load(ordering: .relaxed) {
            let (start, before) = (clock.now, arrivals.load(ordering: .relaxed))
            let rows = size.withLock(\.rows)
            guard try await applyNext() else { return }
            wished()
            let took = clock.now - start
            let isAcceptingMuch = arrivals.load(ordering: .relaxed) - before >= rows
            size.withLock { $0.isAcceptingMuch = isAcceptingMuch }
            if isAcceptingMuch {
                try? await Task.sleep(for: min(took * 9, Self.pauseMax))
            }
        }
    }

    /// False when nothing waits. What is new and what earlier changes left take turns.
    package func applyNext() async throws(StoreError) -> Bool {
        let isApplied = try await applyInbox()
        let isPassedOn = try await passOn(limit: Projector.staleMax)
        return isApplied || isPassedOn
    }

    /// What is told otherwise than by a notification: an operator's word.
    package func apply(_ fact: MirrorRecord) async throws(StoreError) {
        while true {
            do throws(StoreError) {
                try await mirror.withLock { () async throws(StoreError) in
                    var application = Application(basis: try await store.mirrorVersion())
                    try await add([fact], to: &application)
                    try await store.apply(application, now: now())
                    log.tell("an operator told of a record", of: [fact.key], in: application)
                }
                return wished()
            } catch { guard error.kind == .outdated else { throw error } }
        }
    }

    private func applyInbox() async throws(StoreError) -> Bool {
        let entries = try await store.unapplied(limit: size.withLock(\.rows), bytesMax: Self.bytesMax)
        if entries.isEmpty { return false }
        let contents = entries.map(reader.read)
        do throws(StoreError) { try await apply(contents) } catch {
            switch error.kind {
            case .outdated: break
            case .invalid, .corrupt: for content in contents { try await applyAlone(content) }
            default: throw error
            }
        }
        return true
    }

    /// A record whose change cannot be passed on is given up, alone: it must not keep up the others.
    private func passOn(limit: Int) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try await mirror.withLock { () async throws(StoreError) in
                guard let application = try await rest(limit) else { return false }
                try await store.apply(application, now: now())
                log.tell(of: application)
                return true
            }
        } catch {
            switch error.kind {
            case .outdated: break
            case .invalid, .corrupt:
                if limit > 1 { return try await passOn(limit: 1) }
                try await giveUp(error)
            default: throw error
            }
        }
        return true
    }

    private func giveUp(_ error: StoreError) async throws(StoreError) {
        log.error("a change does not reach what depends on it", [.error: .text("\(error)")])
        try await mirror.withLock { () async throws(StoreError) in
            var application = Application(basis: try await store.mirrorVersion())
            application.fresh = try await store.stale(limit: 1).map(\.key)
            try await store.apply(application, now: now())
        }
    }

    private func apply(_ contents: [InboxContent]) async throws(StoreError) {
        try await mirror.withLock { () async throws(StoreError) in try await step(contents) }
    }

    private func step(_ contents: [InboxContent]) async throws(StoreError) {
        let begun = ContinuousClock.now
        var application = Application(basis: try await store.mirrorVersion())
        try await add(contents.flatMap(\.facts), to: &application)
        for content in contents {
            if let revision = content.revision {
                application.revised.append(revision)
            } else {
                application.applied.append(content.id)
            }
        }
        let took = try await store.apply(application, now: now())
        size.withLock { $0.learn(rows: contents.count, took: took) }
        log.tell(of: contents, in: application)
        let setAside = contents.count { $0.revision?.outcome == .quarantined }
        applied(AppliedBatch(rows: contents.count, setAside: setAside, took: ContinuousClock.now - begun))
    }

    private func applyAlone(_ content: InboxContent) async throws(StoreError) {
        do throws(StoreError) { try await apply([content]) } catch {
            guard error.kind == .invalid || error.kind == .corrupt else { throw error }
            log.error("set aside", [.notification: .text("\(content.id)"), .error: .text("\(error)")])
            let aside = content.setAside(.unusable, [Reason(says: "it cannot be applied: \(error)")])
            try await apply([aside])
        }
    }

    /// The records that these facts change, and what follows.
    private func add(_ facts: [MirrorRecord], to application: inout Application) async throws(StoreError) {
        let known = try await store.records(Array(Set(facts.map(\.key))))
        var records = known
        for fact in facts { records[fact.key, default: MirrorRecord(fact.key)].merge(fact) }
        let changes = records.values.filter { $0 != known[$0.key] }
            .map { ChangedRecord(before: known[$0.key], after: $0) }
        try await rules(changes, &application)
    }
}
