import OnewayCore

extension WriteSession {
    /// Forgets some events, and adds others.
    func save(events changes: Changes) throws(StoreError) {
        for (subject, key) in changes.forgottenEvents {
            try db.prepare(SQL.eventsDeleteOf).run([.blob(subject.bytes)] + key.values)
        }
        if let last = changes.eventsForgottenTo { try db.prepare(SQL.eventsDeleteTo).run([.integer(last)]) }
        for (index, event) in changes.events.enumerated() {
            try db.prepare(SQL.eventInsert).run(event.values(counters[.eventsCame] + Int64(index) + 1))
        }
    }
}
