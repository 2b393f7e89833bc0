package import Coordination
package import OnewayCore
package import Store
import Synchronization
package import Telemetry
import Threads

/// Erases people: first their roles in Marketo, then everything that is kept of them here.
///
/// The request is stored before anything else, so that the next run completes what one leaves unfinished. Marketo may
/// take its time; an erasure is attempted again until the last role is gone there.
package final class Eraser: Running {
    static let noteName = "erasing"
    /// The time between attempts: short at first.
    static let pause = Pause(first: 50, most: 15_000)
    /// Notifications whose bodies are searched in one step, and rows that are removed in one transaction.
    static let rowsPerStep = 200
    /// Completed erasures that are remembered, for those who ask about them.
    static let endedMax = 1_000

    private let store: any Store
    private let projector: Projector
    private let applier: Applier
    private let time: TimeSource
    private let log: Log
    private let turn = AsyncMutex()
    private let wakeSignal = Signal()
    private let isStopped = Atomic(false)
    private let state = Locked(State())

    private struct State: Sendable {
        var pending: [Request] = []
        /// Includes those that ended in this run.
        var progress: [GUID: Erasing] = [:]

        func isPending(_ contact: GUID) -> Bool { pending.contains { $0.contact == contact } }
    }

    struct Request: Hashable, Sendable {
        let contact: GUID
        let since: Timestamp
    }

    package init(store: any Store, projector: Projector, applier: Applier, time: TimeSource = .system, log: Log) {
        (self.store, self.projector, self.applier, self.time, self.log) = (store, projector, applier, time, log)
    }

    /// If it is not done on return, it continues in the background: Marketo has not confirmed yet that the roles are
    /// gone, or there is much to search.
    package func erase(_ contact: GUID, patienceSeconds: Int = 5) async throws(StoreError) -> Erasing {
        try await add(Request(contact: contact, since: time.now()))
        let limit = time.now().adding(seconds: patienceSeconds)
        while true {
            let seen = wakeSignal.count
            let progress = progress(of: contact) ?? Erasing()
            if progress.isDone || time.now() >= limit || isStopped.load(ordering: .relaxed) { return progress }
            await wakeSignal.wait(after: seen, until: limit, time)
        }
    }

    /// Returns nil when no one asked for it, or when it ended before this run began.
    package func progress(of contact: GUID) -> Erasing? {
        state.withLock { $0.progress[contact] ?? ($0.isPending(contact) ? Erasing() : nil) }
    }

    /// Those that cannot continue before their roles are gone in Marketo.
    package var atMarketo: [Erasing] {
        state.withLock { $0.progress.values.filter { !$0.isDone && $0.waitsFor == .marketo } }
    }

    package func run() async {
        var failures = 0
        while true {
            // In this order: `stop` sets the flag before it fires the signal.
            let seen = wakeSignal.count
            if isStopped.load(ordering: .relaxed) { return }
            do throws(StoreError) {
                try await load()
                let isDone = try await attemptAll()
                failures = isDone ? 0 : failures + 1
                if isDone, wakeSignal.count == seen { await wakeSignal.wait(after: seen, time) }
            } catch {
                if error.kind == .closed { return }
                failures += 1
                log.error("cannot erase now, trying again", [.error: .text("\(error)")])
            }
            if failures == 0 { continue }
            let next = time.now().adding(milliseconds: Self.pause.milliseconds(after: failures))
            // Its own progress fires the signal too, and is no reason to try again sooner.
            let rung = wakeSignal.count
            if isStopped.load(ordering: .relaxed) { return }
            await wakeSignal.wait(after: rung, until: next, time)
        }
    }

    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        wakeSignal.fire()
    }
}

// MARK: Requests

extension Eraser {
    private func add(_ request: Request) async throws(StoreError) {
        await turn.lock()
        defer { turn.unlock() }
        try await load()
        let (pending, isPending) = state.withLock { ($0.pending, $0.isPending(request.contact)) }
        if !isPending {
            try await keep(pending + [request])
            state.withLock { state in
                if state.progress.count >= Self.endedMax { state.progress = state.progress.filter { !$0.value.isDone } }
                state.progress[request.contact] = Erasing()
            }
        }
        wakeSignal.fire()
    }

    private func end(_ request: Request, _ erased: Erased) async throws(StoreError) {
        await turn.lock()
        defer { turn.unlock() }
        try await keep(state.withLock { $0.pending }.filter { $0 != request })
        note(request) { $0.isDone = true }
        log.info("a contact was erased", [.count: .int(erased.inbox + erased.mirror + erased.outbox)])
        wakeSignal.fire()
    }

    private func note(_ request: Request, _ change: (inout Erasing) -> Void) {
        state.withLock { change(&$0.progress[request.contact, default: Erasing()]) }
    }

    private func load() async throws(StoreError) {
        let note = try await store.note(Self.noteName)
        let root = note.flatMap { try? JSONDocument($0) }?.root
        let pending = (root?.elements ?? []).compactMap { element -> Request? in
            guard let contact = element["contact"]?.string.flatMap({ GUID($0) }), let since = element["since"]?.int
            else {
                return nil
            }
            return Request(contact: contact, since: Timestamp(milliseconds: Int64(since)))
        }
        state.withLock { $0.pending = pending }
    }

    private func keep(_ pending: [Request]) async throws(StoreError) {
        let note = JSON.array(
            pending.map { ["contact": .string("\($0.contact)"), "since": .int($0.since.milliseconds)] }
        )
        try await store.setNote(Self.noteName, pending.isEmpty ? nil : note.encoded)
        state.withLock { $0.pending = pending }
    }
}

// MARK: Erasing

extension Eraser {
    /// Returns true when no request is left.
    private func attemptAll() async throws(StoreError) -> Bool {
        var isDone = true
        for request in state.withLock({ $0.pending }) {
            if let erased = try await attempt(request) { try await end(request, erased) } else { isDone = false }
        }
        return isDone
    }

    /// Returns nil when it cannot be completed yet.
    private func attempt(_ request: Request) async throws(StoreError) -> Erased? {
        let contact = RecordKey(.contact, request.contact)
        // A contact that was merged into this one is the same person.
        let people = try await projector.withLosers([contact]).sorted()
        try await markDeleted(people)
        if try await isEarlierWaiting(request) { return nil }
        var roles: [OutboxItem] = []
        for person in people { roles += try await store.roles(of: person.id) }
        let left = roles.filter { !$0.state.isGone }
        if !left.isEmpty {
            note(request) { $0.wait(for: .marketo, left.count, refused: left.count { $0.state.stage == .parked }) }
            return nil
        }
        // Includes what an earlier attempt removed.
        var erased = progress(of: request.contact)?.removed ?? Erased()
        note(request) { $0 = Erasing(removed: erased) }
        // In this order: while the person is known to be deleted, no body that is read again brings the person back.
        guard try await sweep(people, request, &erased) else { return nil }
        try await clean(people, &erased)
        try await remove(people, roles.map(\.key), &erased)
        note(request) { $0.removed = erased }
        return erased
    }

    /// Notifications that arrived before the request are applied first, replayed ones too, or they would bring the
    /// person back.
    private func isEarlierWaiting(_ request: Request) async throws(StoreError) -> Bool {
        let oldest = try await store.unapplied(limit: 1, bytesMax: 1).first?.id
        guard let oldest, oldest < InboxID(earliestAt: request.since) else { return false }
        let count = try await store.status().unapplied
        note(request) { $0.wait(for: .notifications, Int(count)) }
        return true
    }

    /// Marks these people as deleted, after which the rules want no role for them (R11).
    private func markDeleted(_ people: [RecordKey]) async throws(StoreError) {
        let known = try await store.records(people)
        for person in people where !(known[person]?.isDeleted ?? false) {
            guard try await isNamed(person, known) else { continue }
            var fact = MirrorRecord(person)
            fact.markDeleted(atSecond: max(time.now().second, known[person]?.revivedAt ?? 0))
            try await applier.apply(fact)
        }
        applier.wake()
    }

    private func isNamed(_ person: RecordKey, _ known: [RecordKey: MirrorRecord]) async throws(StoreError) -> Bool {
        if known[person] != nil { return true }
        for entity in [Entity.opportunity, .connection] {
            if try await !store.referrers(to: person, from: entity, after: nil, limit: 1).isEmpty { return true }
        }
        return false
    }

    /// Records that name the person stay, without that reference; connections with the person are removed.
    private func clean(_ people: [RecordKey], _ erased: inout Erased) async throws(StoreError) {
        for person in people {
            for entity in [Entity.connection, .opportunity, .contact] {
                while let some = try await applier.writer.erase({ erasure throws(StoreError) in
                    try await self.cleaning(entity, of: person, people, &erasure)
                }) {
                    erased += some
                }
            }
        }
        applier.wake()
    }

    /// Computes the next step; returns false when nothing is left.
    private func cleaning(
        _ entity: Entity,
        of person: RecordKey,
        _ people: [RecordKey],
        _ erasure: inout Erasure
    ) async throws(StoreError) -> Bool {
        let limit = Projector.opportunitiesMax
        let ids = try await store.referrers(to: person, from: entity, after: nil, limit: limit)
        let keys = ids.map { RecordKey(entity, $0) }.filter { !people.contains($0) }
        if entity == .connection {
            erasure.removed = keys
        } else {
            for var record in try await store.records(keys).values where record.forgetReferences(to: person) {
                erasure.cleaned.append(projector.stored(record))
            }
            // Reasons name the customer, so they are written again.
            if entity == .opportunity { erasure.stale = erasure.cleaned.map { StaleRecord($0.record.key) } }
        }
        return !erasure.removed.isEmpty || !erasure.cleaned.isEmpty
    }

    private func remove(
        _ people: [RecordKey],
        _ roles: [DeliveryKey],
        _ erased: inout Erased
    ) async throws(StoreError) {
        let gone = try await applier.writer.erase { erasure throws(StoreError) in
            let known = try await self.store.records(people)
            erasure.removed = people
            erasure.outbox = roles
            erasure.leads = people.map { "\($0.id)" }
            for case .text(let value)? in known.values.map({ $0[self.projector.book.settings.leadColumn] }) {
                erasure.leads.append(value)
            }
            return true
        }
        erased += gone ?? Erased()
    }

    /// Returns false when it has to start over, because some notifications are unapplied and were skipped.
    private func sweep(
        _ people: [RecordKey],
        _ request: Request,
        _ erased: inout Erased
    ) async throws(StoreError) -> Bool {
        var last: InboxID?
        repeat {
            var (page, isHeldUp): (Mentions?, Bool) = (nil, false)
            // Nothing is applied meanwhile: if none is unapplied after the page was read, none was skipped.
            let gone = try await applier.writer.erase { erasure throws(StoreError) in
                let read = try await self.store.mentions(of: people.map(\.id), after: last, limit: Self.rowsPerStep)
                isHeldUp = try await self.isEarlierWaiting(request)
                (page, erasure.inbox) = (read, read.found)
                return !isHeldUp && !read.found.isEmpty
            }
            erased += gone ?? Erased()
            note(request) { ($0.searched, $0.removed) = ($0.searched + (page?.count ?? 0), erased) }
            // One that was marked for a replay after the page was read is not removed.
            if isHeldUp || (gone?.inbox ?? 0) < (page?.found.count ?? 0) { return false }
            last = page?.last
        } while last != nil
        return true
    }
}
