import OnewayCore

extension WriteSession {
    func waiting(on keys: [DeliveryKey], limit: Int) throws(StoreError) -> [OutboxItem] {
        let waiting = try db.prepare(SQL.outboxWaitingOn)
        var items: [OutboxItem] = []
        for key in Set(keys) where items.count < limit {
            items += try waiting.rows(key.values + [.integer(limit - items.count)]) { row throws(StoreError) in
                try row.outboxItem()
            }
        }
        return items
    }

    func save(_ changes: [RowChange<OutboxItem>]) throws(StoreError) {
        for change in changes {
            switch (change.before, change.after) {
            case (nil, let item?): try db.prepare(SQL.outboxInsert).run(item.values)
            case (let item?, nil): try db.prepare(SQL.outboxDelete).run(item.key.values)
            case (let before?, let after?): try update(before, to: after)
            case (nil, nil): break
            }
        }
        for (group, step) in OutboxGroup.deltas(of: changes) {
            let values: [SQLValue] = [.text(group.stage.rawValue), .text(group.why), .text(group.kind.rawValue)]
            try db.prepare(SQL.groupCount).run(values + [.integer(step)])
            if step < 0 { try db.prepare(SQL.groupDeleteEmpty).run(values) }
        }
    }

    func save(_ changes: [RowChange<OpportunityStanding>]) throws(StoreError) {
        for change in changes {
            if let standing = change.after {
                try db.prepare(SQL.standingSet).run(standing.values)
            } else if let standing = change.before {
                try db.prepare(SQL.standingDelete).run([.blob(standing.opportunity.bytes)])
            }
        }
    }

    private func update(_ before: OutboxItem, to after: OutboxItem) throws(StoreError) {
        let (old, new) = (before.indexed, after.indexed)
        let changed = new.indices.filter { new[$0] != old[$0] }
        let values = after.plain + changed.map { new[$0] } + after.key.values
        try db.prepare(SQL.outboxUpdate(changed: changed)).run(values)
        guard db.changes == 1 else { throw StoreError(.corrupt, "a row of the outbox is not where it was read") }
    }
}
