package import OnewayCore
package import Store

/// A pass over all there is, after the rules changed: a job in bounded steps, after those that are about one record, and
/// in this order.
enum Sweep: String, CaseIterable {
    /// Kept notifications are read again, for columns that were not selected when they came.
    case keptBodies
    /// Columns that are not selected any more are removed. Of contacts, people follow.
    case contacts, accounts, connections, users
    /// The same, and everything that follows from the current rules.
    case opportunities

    var key: Job.Key { Job.Key(.sweep, rawValue) }

    /// The table that it goes through.
    var entity: Entity? {
        switch self {
        case .keptBodies: nil
        case .contacts: .contact
        case .accounts: .account
        case .connections: .connection
        case .users: .systemUser
        case .opportunities: .opportunity
        }
    }

    /// The one whose turn it is.
    static func next(in store: any StoreQueries) async throws(StoreError) -> (sweep: Sweep, job: Job)? {
        let running = try await store.jobs(.sweep, .running, limit: allCases.count)
        for sweep in allCases {
            if let job = running.first(where: { $0.key == sweep.key }) { return (sweep, job) }
        }
        return nil
    }
}

/// Rules that changed since the last run change what is kept and what follows from it. Unchanged results are left
/// alone.
extension Projector {
    private static let note = "rules"
    private static let recordsMax = 256

    /// To be called once a term, before anything is projected.
    package func noticeChangedRules(_ leader: any StoreLeader, now: Timestamp) async throws(StoreError) {
        let (rules, noted) = (NotedRules(book), try await store.note(Self.note).map(NotedRules.init(bytes:)))
        if rules == noted { return }
        var application = Application(basis: try await store.mirrorVersion())
        // One that is running begins again.
        application.jobs = sweeps(since: noted).map { Job($0.key, startedAt: now) }
        application.notes = [Self.note: rules.bytes]
        try await leader.apply(application, now: now)
    }

    private func sweeps(since noted: NotedRules?) -> [Sweep] {
        Sweep.allCases.filter { sweep in
            switch sweep {
            case .opportunities: return true
            case .keptBodies:
                return Entity.reported.contains { entity in
                    guard let before = noted?.columns(of: entity) else { return true }
                    return !(book.columns[entity] ?? []).isSubset(of: before)
                }
            case .contacts where book.settings.linksPeople || noted?.linksPeople ?? false: return true
            // None are known to a version that did not note their columns.
            case .users where noted?.columns(of: .systemUser) == nil: return false
            case .contacts, .accounts, .connections, .users:
                guard let entity = sweep.entity, let before = noted?.columns(of: entity) else { return true }
                return !before.isSubset(of: book.columns[entity] ?? [])
                    || [.contact, .connection].contains(entity) && noted?.hasSameReferences != true
            }
        }
    }

    /// The next step of the sweep whose turn it is; false: there is none.
    func sweep(_ application: inout Application, now: Timestamp) async throws(StoreError) -> Bool {
        guard let next = try await Sweep.next(in: store) else { return false }
        let sweep = next.sweep
        var job = next.job
        if let entity = sweep.entity {
            let last = try await pass(through: entity, after: job.cursor.flatMap { GUID($0) }, to: &application)
            job.cursor = last.map { "\($0)" }
            job.counts["passed", default: 0] += application.records.count
        } else {
            let last = try await readAgain(before: job.cursor.flatMap(InboxID.init), to: &application)
            job.cursor = last.map { "\($0)" }
        }
        if job.cursor == nil { job.end(.done, at: now) }
        application.jobs.append(job)
        return true
    }

    /// Other rules, or another version, may follow or find other look-ups, so the references are written again.
    private func pass(
        through entity: Entity,
        after cursor: GUID?,
        to application: inout Application
    ) async throws(StoreError) -> GUID? {
        let isProjected = entity == .opportunity
        let limit = isProjected ? Self.opportunitiesMax : Self.recordsMax
        let records = try await store.records(of: entity, after: cursor, limit: limit)
        var changed: [RecordKey: MirrorRecord] = [:]
        for record in records {
            var kept = record
            kept.keepOnly(book.columns[entity] ?? [])
            if kept != record { changed[kept.key] = kept }
            // Of contacts and connections what they refer to is written again, too.
            if kept != record || isProjected || entity == .contact || entity == .connection {
                application.records.append(stored(kept))
            }
            application.forgottenLeads += ChangedRecord(before: record, after: kept).valuesGone
        }
        if isProjected {
            try await project(records.map(\.key.id), over: changed, lane: .slow, into: &application)
        }
        let last = records.count == limit ? records.last?.key.id : nil
        if entity == .systemUser, !book.settings.sendsSalesPersons {
            let lastLeft = try await leaveSalesPersons(after: cursor, &application)
            return [last, lastLeft].compactMap(\.self).min()
        }
        // Also where people are linked no longer.
        if entity == .contact { try await addPeople(records, over: changed, .slow, to: &application) }
        return last
    }

    /// They are wanted no longer: Marketo keeps them, and Oneway forgets what it knew. Returns the last one, unless there are no
    /// more.
    private func leaveSalesPersons(
        after cursor: GUID?,
        _ application: inout Application
    ) async throws(StoreError) -> GUID? {
        let rows = try await store.outbox(
            OutboxFilter(kind: .salesPerson),
            after: cursor.map { DeliveryKey(.salesPerson, $0.description) },
            limit: Self.recordsMax
        )
        let reason = Reason(rule: "R13", says: "marketo.salesPersons is off: it stays as it is in Marketo")
        application.desired += rows.map { DesiredRecord($0.key, DesiredState(nil, reasons: [reason])) }
        return rows.count == Self.recordsMax ? rows.last.flatMap { GUID($0.key.text) } : nil
    }
}
