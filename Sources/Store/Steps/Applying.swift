import OnewayCore

extension Rows {
    func apply(_ application: Application, now: Timestamp) throws(StoreError) {
        try check(application.basis)
        var changes = Changes()
        changes.advancesMirror = true
        changes.opportunitiesKnown = application.opportunitiesKnown
        changes.mirror = Ledger.mirror(
            application.records,
            known: try references(of: application.records.map(\.record.key))
        )
        changes.stale = try mark(stale: application.stale, fresh: application.fresh)

        var wanted = RowSet(try outbox(application.desired.map(\.key)), by: \.key)
        Ledger.want(application.desired, in: &wanted, came: counters[.outboxCame], now: now)
        changes.outbox = wanted.changes
        changes.events = Ledger.decided(changes.outbox, now: now)

        var inbox = RowSet(try inbox(application.applied + application.revised.map(\.id)), by: \.id)
        Ledger.markApplied(application.applied, in: &inbox)
        Ledger.revise(application.revised, in: &inbox)
        changes.inbox = inbox.changes
        changes.jobs = try progress(application.jobs)
        changes.forgetOrders(to: application.jobs)
        changes.questions = try questions(application, now: now)
        changes.forgottenLeads = application.forgottenLeads
        for (name, note) in application.notes { changes.notes[name] = note }
        try save(changes, judged: application.judged, now: now)
    }

    /// Answers for how long it took.
    func timed(_ application: Application, now: Timestamp) throws(StoreError) -> Duration {
        let start = ContinuousClock.now
        try apply(application, now: now)
        return ContinuousClock.now - start
    }

    func erase(_ erasure: Erasure, now: Timestamp) throws(StoreError) -> Erased {
        try check(erasure.basis)
        var (changes, erased) = (Changes(), Erased())
        changes.advancesMirror = true
        changes.removed = erasure.removed
        erased.mirror = try mirrored(erasure.removed).count
        var known = try references(of: erasure.cleaned.map(\.record.key))
        for key in erasure.removed { known[key] = nil }
        changes.mirror = Ledger.mirror(erasure.cleaned, known: known)
        changes.stale = try mark(stale: erasure.stale, fresh: erasure.removed)

        changes.outbox = Ledger.erase(try outbox(erasure.outbox))
        erased.outbox = changes.outbox.count
        changes.forgottenEvents = changes.outbox.compactMap(\.before).compactMap { item in
            item.subject.map { ($0, item.key) }
        }
        changes.forgottenLeads = erasure.leads

        var inbox = RowSet(try inbox(erasure.inbox), by: \.id)
        erased.inbox = Ledger.erase(erasure.inbox, in: &inbox)
        changes.inbox = inbox.changes
        changes.questions = try questions(erasure.removed).map { RowChange(before: $0, after: nil) }
        changes.jobs = try progress(erasure.jobs.map { $0.adding(erased) })
        try save(changes, now: now)
        return erased
    }

    private func questions(_ application: Application, now: Timestamp) throws(StoreError) -> [RowChange<Question>] {
        if application.questions.isEmpty, application.answers.isEmpty { return [] }
        var rows = RowSet(try questions(application.answers.map(\.key) + application.questions.keys), by: \.key)
        Ledger.answer(application.answers, in: &rows, now: now)
        Ledger.ask(application.questions, in: &rows, now: now)
        return rows.changes
    }

    private func check(_ basis: MirrorVersion) throws(StoreError) {
        if counters[.mirrorVersion] != basis.number { throw StoreError(.outdated, "the mirror has changed since") }
    }

    private func mark(stale: [StaleRecord], fresh: [RecordKey]) throws(StoreError) -> [RowChange<StaleRecord>] {
        var rows = RowSet(try self.stale(stale.map(\.key) + fresh), by: \.key)
        Ledger.mark(stale: stale, fresh: fresh, in: &rows)
        return rows.changes
    }
}
