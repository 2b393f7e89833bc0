import OnewayCore

extension WriteSession {
    func erase(_ erasure: Erasure) throws(StoreError) -> Erased {
        guard counters[.mirrorVersion] == erasure.basis.number else {
            throw StoreError(.outdated, "the mirror has changed since")
        }
        counters[.mirrorVersion] += 1
        var erased = Erased()
        for key in erasure.removed { erased.mirror += try remove(key) }
        for (record, references) in erasure.cleaned { try set(record, references) }
        for stale in erasure.stale { try set(stale) }
        for key in erasure.outbox { erased.outbox += try remove(key) }
        for value in erasure.leads { try db.prepare(SQL.leadDelete).run([.text(value)]) }
        for id in erasure.inbox {
            let isWaiting = try db.prepare(SQL.unappliedGet).row([.integer(id.number)]) { _ in true } ?? false
            guard !isWaiting, try db.inboxItem(id) != nil else { continue }
            try remove(id)
            erased.inbox += 1
        }
        return erased
    }

    private func remove(_ key: RecordKey) throws(StoreError) -> Int {
        let values = [SQLValue.text(key.entity.rawValue), .blob(key.id.bytes)]
        try db.prepare(SQL.edgesDelete).run(values)
        if key.entity == .opportunity { try db.prepare(SQL.nameDelete).run([values[1]]) }
        try db.prepare(SQL.staleDelete).run(values)
        counters[.stale] -= Int64(db.changes)
        try db.prepare(SQL.mirrorDelete).run(values)
        return db.changes
    }

    private func remove(_ key: DeliveryKey) throws(StoreError) -> Int {
        guard let item = try outboxItem(key), item.state.isGone else { return 0 }
        try db.prepare(SQL.outboxDelete).run([.text(key.kind.rawValue), .text(key.text)])
        counters[.outbox(key.kind, item.state.stage)] -= 1
        return 1
    }
}

extension Connection {
    func roles(of contact: GUID) throws(StoreError) -> [OutboxItem] {
        try prepare(SQL.outboxRolesOf).rows([.text("%/\(contact)/%")]) { row throws(StoreError) in
            try row.outboxItem()
        }.filter { $0.isRole(of: contact) }
    }

    func mentions(of records: [GUID], after: InboxID?, limit: Int) throws(StoreError) -> Mentions {
        let search = MentionSearch(records)
        var mentions = Mentions()
        let rows = try prepare(SQL.inboxBodiesFrom)
            .rows([.integer(after?.number ?? 0), .integer(limit)]) { row throws(StoreError) in
                let id = InboxID(number: row.integer(0))
                if row.integer(4) != 0 { return (id, false) }
                let record = row.optionalBytes(1).flatMap(GUID.init(bytes:))
                if row.isNull(2) { return (id, search.finds(record: record, body: nil)) }
                let packed = PackedBody(plainBytes: Int(row.integer(2)), bytes: row.bytes(3))
                // A damaged body may be about anybody, and is of no use to anybody.
                guard let body = try? packed.unpacked() else { return (id, true) }
                return (id, search.finds(record: record, body: body))
            }
        mentions.found = rows.filter(\.1).map(\.0)
        (mentions.count, mentions.last) = (rows.count, rows.last?.0)
        return mentions
    }
}
