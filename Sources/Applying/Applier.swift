package import Configuration
import Coordination
package import OnewayCore
import Reading
package import Store
import Synchronization
package import Telemetry
import Threads

/// Computes the next step of passing on earlier changes, for up to `limit` of them. Returns false when all are passed
/// on.
typealias FollowUp = @Sendable (_ limit: Int, inout Application) async throws(StoreError) -> Bool

/// Applies the inbox to the mirror and what follows from it to the outbox, one batch per transaction.
///
/// A notification that cannot be applied is set aside with its reason and never holds up the next.
package final class Applier: Running {
    static let bytesMax = 1 << 20
    static let recoverySeconds = 1
    static let pauseMax = Duration.milliseconds(250)

    let writer: MirrorWriter
    private let store: any StoreLeader
    private let reader: InboxReader
    private let rest: FollowUp
    /// Called after a batch of notifications is applied.
    private let applied: @Sendable (AppliedBatch) -> Void
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let size = Locked(StepSize())
    private let isStopped = Atomic(false)
    /// Fired by the store when something may have to be applied or passed on.
    private let arrivals: Signal

    init(
        store: any StoreLeader,
        policy: Policy,
        rules: @escaping Projecting,
        rest: @escaping FollowUp,
        applied: @escaping @Sendable (AppliedBatch) -> Void = { _ in },
        now: @escaping @Sendable () -> Timestamp,
        log: Log
    ) {
        self.applied = applied
        self.store = store
        arrivals = store.signal(.inbox)
        self.reader = InboxReader(policy: policy)
        writer = MirrorWriter(store: store, rules: rules, now: now, log: log)
        self.rest = rest
        self.now = now
        self.log = log
    }

    package convenience init(
        _ settings: Configuration,
        store: any StoreLeader,
        applied: @escaping @Sendable (AppliedBatch) -> Void = { _ in },
        log: Log
    ) {
        let projector = Projector(settings, store: store)
        self.init(
            store: store,
            policy: Policy(settings),
            rules: projector.add,
            rest: projector.followUp,
            applied: applied,
            now: TimeSource.systemNow,
            log: log
        )
    }

    /// Finishes the step in progress; the rest waits for the next run.
    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        arrivals.fire()
    }

    package func run() async {
        while true {
            // In this order: `stop` sets the flag before it fires the signal.
            let seen = arrivals.count
            if isStopped.load(ordering: .relaxed) || Task.isCancelled { return }
            do throws(StoreError) {
                try await applyAll()
                await arrivals.wait(after: seen, .system)
            } catch {
                if error.endsWork { return }
                log.error("cannot apply now, trying again", [.error: .text("\(error)")])
                try? await Task.sleep(for: .seconds(Self.recoverySeconds))
            }
        }
    }

    /// Accepting goes first: while as much arrives as is applied, it gets nine tenths of the time.
    private func applyAll() async throws(StoreError) {
        let clock = ContinuousClock()
        while !isStopped.load(ordering: .relaxed) {
            let (start, before) = (clock.now, try await store.unappliedCount())
            guard try await applyNext() else { return }
            let after = try await store.unappliedCount()
            let isAcceptingMuch = before > 0 && after >= before
            size.withLock { $0.isAcceptingMuch = isAcceptingMuch }
            if isAcceptingMuch {
                try? await Task.sleep(for: min((clock.now - start) * 9, Self.pauseMax))
            }
        }
    }

    /// Returns false when nothing waits. New notifications and the passing on of earlier changes take turns.
    package func applyNext() async throws(StoreError) -> Bool {
        let isApplied = try await applyInbox()
        let isPassedOn = try await followUp(limit: Projector.staleMax)
        return isApplied || isPassedOn
    }

    /// Applies a fact that no notification reported but an operator stated.
    package func apply(_ fact: MirrorRecord) async throws(StoreError) { try await writer.apply(fact) }

    /// Records that were read from Dynamics, and what is to be remembered of having asked.
    package func apply(_ facts: [MirrorRecord], _ answers: [QuestionAnswer]) async throws(StoreError) {
        let says: (Log, Application) -> Void = {
            $0.report("read a record from Dynamics", of: facts.map(\.key), in: $1)
        }
        try await writer.write(says) { application throws(StoreError) in
            try await writer.merge(facts, into: &application)
            application.answers = answers
            return true
        }
    }

    private func applyInbox() async throws(StoreError) -> Bool {
        let entries = try await store.unapplied(limit: size.withLock(\.rows), bytesMax: Self.bytesMax)
        if entries.isEmpty { return false }
        let contents = entries.map(reader.read)
        do throws(StoreError) { try await apply(contents) } catch {
            guard error.kind == .invalid || error.kind == .corrupt else { throw error }
            for content in contents { try await applyAlone(content) }
        }
        return true
    }

    /// A record whose change cannot be passed on is given up, but only that one: it must not hold up the others.
    private func followUp(limit: Int) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try await writer.write { application throws(StoreError) in try await rest(limit, &application) }
                != nil
        } catch {
            guard error.kind == .invalid || error.kind == .corrupt else { throw error }
            if limit > 1 { return try await followUp(limit: 1) }
            try await giveUp(error)
            return true
        }
    }

    private func giveUp(_ error: StoreError) async throws(StoreError) {
        log.error("a change could not be passed on to the records that depend on it", [.error: .text("\(error)")])
        try await writer.write { application throws(StoreError) in
            application.fresh = try await store.stale(limit: 1).map(\.key)
            if application.fresh.isEmpty, var sweep = try await Sweep.next(in: store)?.job {
                sweep.end(.failed, "\(error)", at: now())
                application.jobs = [sweep]
            }
            return true
        }
    }

    private func apply(_ contents: [InboxContent]) async throws(StoreError) {
        let begun = ContinuousClock.now
        let written = try await writer.write({ $0.report(of: contents, in: $1) }) { application throws(StoreError) in
            try await writer.merge(contents.flatMap(\.facts), into: &application)
            for content in contents {
                if let revision = content.revision {
                    application.revised.append(revision)
                } else {
                    application.applied.append(content.id)
                }
            }
            return true
        }
        if let written { size.withLock { $0.learn(rows: contents.count, took: written.took) } }
        let setAside = contents.count { $0.revision?.labels.outcome == .quarantined }
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
}
