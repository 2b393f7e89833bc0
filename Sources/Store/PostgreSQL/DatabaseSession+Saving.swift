import OnewayCore

extension DatabaseSession {
    /// One statement for each kind of change, however many rows it has.
    func queries(_ changes: Changes) -> [DatabaseQuery] {
        var queries = inbox(changes.inbox)
        queries += DatabaseTable.body.query(
            \.upsert,
            changes.bodies.map { [.integer($0.id.number), .integer($0.body.plainBytes), .blob($0.body.bytes)] }
        )
        queries += removal(changes.removed)
        queries += mirror(changes.mirror)
        queries += save(changes.stale, in: .stale, \.values, \.key.values)
        queries += save(changes.outbox, in: .outbox, \.values, \.key.values)
        queries += groups(changes.outbox)
        queries += save(changes.refusals, in: .refusal, \.values) { [.integer($0.number)] }
        queries += save(changes.jobs, in: .job, \.values, \.key.values)
        queries += save(changes.questions, in: .question, \.values, \.key.values)
        queries += events(changes)
        // The last one of a value counts; a statement takes each key only once.
        let leads = Dictionary(changes.leads.map { ($0.value, $0) }, uniquingKeysWith: { $1 })
        queries += DatabaseTable.lead.query(\.upsert, leads.values.map(\.values))
        queries += DatabaseTable.lead.query(\.delete, changes.forgottenLeads.map { [.text($0)] })
        let notes = changes.notes.compactMapValues(\.self)
        queries += DatabaseTable.meta.query(\.upsert, notes.map { [.text($0), .blob($1)] })
        let forgotten = changes.notes.filter { $0.value == nil }
        queries += DatabaseTable.meta.query(\.delete, forgotten.map { [.text($0.key)] })
        return queries
    }

    private func save<Row>(
        _ changes: [RowChange<Row>],
        in table: DatabaseTable,
        _ values: (Row) -> [SQLValue],
        _ key: (Row) -> [SQLValue]
    ) -> [DatabaseQuery] {
        let gone = changes.filter { $0.after == nil }.compactMap(\.before)
        return table.query(\.upsert, changes.compactMap(\.after).map(values)) + table.query(\.delete, gone.map(key))
    }

    private func events(_ changes: Changes) -> [DatabaseQuery] {
        let forgotten = changes.forgottenEvents.map { [SQLValue.blob($0.subject.bytes)] + $0.key.values }
        let first = counters[.eventsCame] + 1
        let values = changes.events.enumerated().map { $1.values(first + Int64($0)) }
        return DatabaseTable.eventsOf.query(\.delete, forgotten)
            + [changes.eventsForgottenTo.map { DatabaseQuery(SQL.eventsDeleteTo, [.integer($0)]) }].compactMap(\.self)
            + DatabaseTable.event.query(\.insert, values)
    }

    private func groups(_ changes: [RowChange<OutboxItem>]) -> [DatabaseQuery] {
        let deltas = OutboxGroup.deltas(of: changes)
        if deltas.isEmpty { return [] }
        let rows = deltas.map { group, step -> [SQLValue] in
            [.text(group.stage.rawValue), .text(group.why), .text(group.kind.rawValue), .integer(step)]
        }
        let count = """
            INSERT INTO outbox_group (stage, why, kind, count)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
            ON CONFLICT (stage, why, kind) DO UPDATE SET count = outbox_group.count + excluded.count
            """
        return [
            DatabaseQuery(count, columns: [.text, .text, .text, .integer], rows: rows),
            DatabaseQuery("DELETE FROM outbox_group WHERE count = 0"),
        ]
    }
}

// MARK: Inbox

extension DatabaseSession {
    private func inbox(_ changes: [RowChange<InboxRow>]) -> [DatabaseQuery] {
        if changes.isEmpty { return [] }
        // In the order of the identities: two receivers that store the same ones wait for each other in one direction.
        let changes = changes.sorted { $0.identity.lexicographicallyPrecedes($1.identity) }
        let present = changes.filter { $0.after != nil }
        let gone = changes.filter { $0.after == nil }.compactMap(\.before)
        let ids = gone.map { [SQLValue.integer($0.id.number)] }
        var queries = DatabaseTable.inbox.query(\.insert, present.filter { $0.before == nil }.compactMap(\.row))
        let otherwise = present.filter { $0.before != nil && $0.isListedOtherwise }
        queries += DatabaseTable.inbox.query(\.update, otherwise.compactMap(\.row))
        queries += DatabaseTable.unapplied.query(\.upsert, present.compactMap(\.waiting))
        let served = changes.compactMap {
            $0.after?.waitsSince == nil && $0.before?.waitsSince != nil ? $0.before : nil
        }
        queries += DatabaseTable.unapplied.query(\.delete, served.map { [.integer($0.id.number)] })
        queries += DatabaseTable.inboxOpportunity.query(\.delete, changes.compactMap { $0.entry($0.foundNoMore) })
        queries += DatabaseTable.inboxOpportunity.query(\.upsert, changes.compactMap { $0.entry($0.foundNow) })
        return queries + DatabaseTable.inbox.query(\.delete, ids) + DatabaseTable.body.query(\.delete, ids)
    }
}

extension RowChange<InboxRow> {
    fileprivate var identity: [UInt8] { (after ?? before)?.identity ?? [] }

    fileprivate var row: [SQLValue]? {
        guard let after else { return nil }
        return after.values + [
            .integer(after.id.number), .blob(after.identity), .integer(after.item.receivedAt.milliseconds),
        ]
    }

    /// Its row among those that wait; nil when that stays as it is.
    fileprivate var waiting: [SQLValue]? {
        guard let after, let since = after.waitsSince else { return nil }
        if before?.waitsSince == since, before?.item.bodyBytes == after.item.bodyBytes { return nil }
        return [.integer(after.id.number), .integer(since.milliseconds), .integer(after.item.bodyBytes)]
    }

    fileprivate func entry(_ opportunity: GUID?) -> [SQLValue]? {
        guard let opportunity, let row = after ?? before else { return nil }
        return [.blob(opportunity.bytes), .integer(row.id.number)]
    }
}

// MARK: Mirror

extension DatabaseSession {
    private func removal(_ keys: [RecordKey]) -> [DatabaseQuery] {
        let opportunities = keys.filter { $0.entity == .opportunity }.map { [SQLValue.blob($0.id.bytes)] }
        return DatabaseTable.edges.query(\.delete, keys.map(\.values))
            + DatabaseTable.opportunityName.query(\.delete, opportunities)
            + DatabaseTable.mirror.query(\.delete, keys.map(\.values))
    }

    private func mirror(_ changes: [Ledger.Mirrored]) -> [DatabaseQuery] {
        if changes.isEmpty { return [] }
        let opportunities = changes.map(\.record).filter { $0.key.entity == .opportunity }
        let named = opportunities.compactMap { record -> [SQLValue]? in
            record.searchName.map { [.blob(record.key.id.bytes), .text($0)] }
        }
        let unnamed = opportunities.filter { $0.searchName == nil }.map { [SQLValue.blob($0.key.id.bytes)] }
        let removed = changes.flatMap { change in
            change.removed.map { change.record.key.values + [.text($0.attribute)] }
        }
        // An attribute refers to one record: the last one that is given counts.
        let added = changes.flatMap { change in
            Dictionary(change.added.map { ($0.attribute, $0) }, uniquingKeysWith: { $1 }).values.map {
                change.record.key.values + [.text($0.attribute)] + $0.to.values
            }
        }
        return DatabaseTable.mirror.query(\.upsert, changes.map { $0.record.key.values + [.blob($0.record.encoded())] })
            + DatabaseTable.opportunityName.query(\.upsert, named)
            + DatabaseTable.opportunityName.query(\.delete, unnamed)
            + DatabaseTable.edge.query(\.delete, removed)
            + DatabaseTable.edge.query(\.upsert, added)
    }
}
