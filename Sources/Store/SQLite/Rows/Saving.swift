import OnewayCore

extension WriteSession: SQLRows {
    func save(_ changes: Changes) throws(StoreError) {
        try save(changes.inbox)
        try save(changes.bodies)
        try remove(changes.removed)
        try save(changes.mirror)
        try save(changes.stale)
        try save(changes.outbox)
        try save(changes.refusals)
        try save(changes.jobs)
        try save(changes.questions)
        try save(events: changes)
        try save(changes.leads, forgotten: changes.forgottenLeads)
        for (name, value) in changes.notes {
            if let value {
                try db.prepare(SQL.metaSet).run([.text(name), .blob(value)])
            } else {
                try db.prepare(SQL.metaDelete).run([.text(name)])
            }
        }
        counters += changes.counted
        topics.formUnion(changes.topics)
    }
}
