package import Coordination
import OnewayCore
package import Store
import Synchronization
package import Telemetry
import Threads

/// Erases people, as the leader: first their roles in Marketo, then everything that is kept of them here.
///
/// Each is a job, so that the next run completes what one leaves unfinished. Marketo may take its time; an erasure is
/// attempted again until the last role is gone there.
package final class Eraser: Running {
    /// The time between attempts: short at first.
    static let pause = Pause(first: 50, most: 15_000)
    /// Notifications whose bodies are searched in one step, and rows that are removed in one transaction.
    static let rowsPerStep = 200

    private let store: any StoreLeader
    private let projector: Projector
    private let applier: Applier
    private let time: TimeSource
    private let log: Log
    private let begun: Signal
    private let isStopped = Atomic(false)

    package init(
        store: any StoreLeader,
        projector: Projector,
        applier: Applier,
        time: TimeSource = .system,
        log: Log
    ) {
        (self.store, self.projector, self.applier, self.time, self.log) = (store, projector, applier, time, log)
        begun = store.signal(.jobs)
    }

    package func run() async {
        var failures = 0
        while true {
            // In this order: `stop` sets the flag before it fires the signal.
            let seen = begun.count
            if isStopped.load(ordering: .relaxed) || Task.isCancelled { return }
            var pending = Set<Job.Key>()
            do throws(StoreError) {
                pending = try await attemptAll()
                failures = pending.isEmpty ? 0 : failures + 1
                if pending.isEmpty { await begun.wait(after: seen, time) }
            } catch {
                if error.endsWork { return }
                failures += 1
                log.error("cannot erase now, trying again", [.error: .text("\(error)")])
            }
            if failures > 0 { await rest(after: failures, pending) }
        }
    }

    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        begun.fire()
    }

    /// Waits until it is time to try again, or another erasure has begun. Progress of other jobs is not a reason.
    private func rest(after failures: Int, _ pending: Set<Job.Key>) async {
        let next = time.now().adding(milliseconds: Self.pause.milliseconds(after: failures))
        while time.now() < next {
            let seen = begun.count
            if isStopped.load(ordering: .relaxed) || Task.isCancelled { return }
            let running = try? await store.jobs(.erasure, .running, limit: Ledger.endedJobsMax)
            if let running, !pending.isSuperset(of: running.map(\.key)) { return }
            await begun.wait(after: seen, until: next, time)
        }
    }
}

// MARK: Erasing

extension Eraser {
    /// Returns those that cannot be completed yet.
    private func attemptAll() async throws(StoreError) -> Set<Job.Key> {
        var left = Set<Job.Key>()
        for job in try await store.jobs(.erasure, .running, limit: Ledger.endedJobsMax).reversed() {
            guard var erasing = Erasing(job), let contact = erasing.contact else { continue }
            if try await attempt(contact, &erasing) {
                erasing.job.end(.done, at: time.now())
                try await store.save(erasing.job)
                let removed = erasing.removed
                log.info("a contact was erased", [.count: .int(removed.inbox + removed.mirror + removed.outbox)])
            } else {
                left.insert(job.key)
                if erasing.job != job { try await store.save(erasing.job) }
            }
        }
        return left
    }

    /// Returns false when it cannot be completed yet.
    private func attempt(_ contact: GUID, _ erasing: inout Erasing) async throws(StoreError) -> Bool {
        // A contact that was merged into this one is the same person.
        let people = try await projector.withLosers([RecordKey(.contact, contact)]).sorted()
        try await markDeleted(people)
        if try await isEarlierWaiting(&erasing) { return false }
        var items: [OutboxItem] = []
        for person in people {
            items += try await store.roles(of: person.id)
            if let link = try await store.outboxItem(DeliveryKey(.person, "\(person.id)")) { items.append(link) }
        }
        let left = items.filter { !$0.state.isGone }
        if !left.isEmpty {
            erasing.wait(for: .marketo, left.count, refused: left.count { $0.state.stage == .parked })
            return false
        }
        erasing.wait(for: nil)
        if try await isIndexing() { return false }
        erasing.job.counts["searched"] = 0
        // In this order: while the person is known to be deleted, no body that is read again brings the person back.
        guard try await sweep(people, &erasing) else { return false }
        try await clean(people, &erasing)
        try await remove(people, items.map(\.key), &erasing)
        return true
    }

    /// Notifications that arrived before the request are applied first, replayed ones too, or they would bring the
    /// person back.
    private func isEarlierWaiting(_ erasing: inout Erasing) async throws(StoreError) -> Bool {
        let oldest = try await store.unapplied(limit: 1, bytesMax: 1).first?.id
        guard let oldest, oldest < InboxID(earliestAt: erasing.job.startedAt) else { return false }
        erasing.wait(for: .notifications, Int(try await store.unappliedCount()))
        return true
    }

    /// While look-ups are written again after an upgrade, not all that name a person can be found.
    private func isIndexing() async throws(StoreError) -> Bool {
        let running = try await store.jobs(.sweep, .running, limit: Sweep.allCases.count)
        return running.contains { $0.key == Sweep.contacts.key || $0.key == Sweep.connections.key }
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
    }

    private func isNamed(_ person: RecordKey, _ known: [RecordKey: MirrorRecord]) async throws(StoreError) -> Bool {
        if known[person] != nil { return true }
        for entity in [Entity.opportunity, .connection] {
            if try await !store.referrers(to: person, from: entity, after: nil, limit: 1).isEmpty { return true }
        }
        return false
    }

    /// Records that name the person stay, without that reference; connections with the person are removed.
    private func clean(_ people: [RecordKey], _ erasing: inout Erasing) async throws(StoreError) {
        for person in people {
            for entity in [Entity.connection, .opportunity, .contact] {
                while try await step(
                    &erasing,
                    { erasure throws(StoreError) in
                        try await self.cleaning(entity, of: person, people, &erasure)
                    }
                ) != nil {}
            }
        }
    }

    /// Erases some rows, and counts them in the same transaction. Returns nil when there is nothing to erase.
    private func step(
        _ erasing: inout Erasing,
        _ compute: (inout Erasure) async throws(StoreError) -> Bool
    ) async throws(StoreError) -> Erased? {
        let job = erasing.job
        let erased = try await applier.writer.erase(by: store) { erasure throws(StoreError) in
            erasure.jobs = [job]
            return try await compute(&erasure)
        }
        if let erased { erasing.job = job.adding(erased) }
        return erased
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
            // Reasons name the customer, and say to whom a contact belongs, so they are written again.
            erasure.stale = erasure.cleaned.map { StaleRecord($0.record.key) }
        }
        return !erasure.removed.isEmpty || !erasure.cleaned.isEmpty
    }

    private func remove(
        _ people: [RecordKey],
        _ items: [DeliveryKey],
        _ erasing: inout Erasing
    ) async throws(StoreError) {
        _ = try await step(&erasing) { erasure throws(StoreError) in
            let known = try await self.store.records(people)
            erasure.removed = people
            erasure.outbox = items
            erasure.leads = people.map { "\($0.id)" }
            for value in known.values.compactMap({ $0[self.projector.book.settings.leadColumn]?.leadValue }) {
                erasure.leads += RememberedLead.spellings(of: value)
            }
            return true
        }
    }

    /// Returns false when it has to start over, because some notifications wait to be applied and were skipped.
    private func sweep(_ people: [RecordKey], _ erasing: inout Erasing) async throws(StoreError) -> Bool {
        var last: InboxID?
        repeat {
            let before = erasing
            var (page, heldUp): (Mentions?, Erasing?) = (nil, nil)
            // Nobody applies anything meanwhile: if none waits after the page was read, none was passed over.
            let gone = try await step(&erasing) { erasure throws(StoreError) in
                let read = try await self.store.mentions(of: people.map(\.id), after: last, limit: Self.rowsPerStep)
                var looked = before
                heldUp = try await self.isEarlierWaiting(&looked) ? looked : nil
                (page, erasure.inbox) = (read, read.found)
                return heldUp == nil && !read.found.isEmpty
            }
            if let heldUp {
                erasing = heldUp
                return false
            }
            erasing.job.counts["searched", default: 0] += page?.count ?? 0
            // One that was marked for a replay after the page was read is not removed.
            if (gone?.inbox ?? 0) < (page?.found.count ?? 0) { return false }
            last = page?.last
        } while last != nil
        return true
    }
}
