import OnewayCore

extension WriteSession {
    func oldestEvents(_ limit: Int) throws(StoreError) -> [(number: Int64, at: Timestamp)] {
        try db.prepare(SQL.eventsOldest).rows([.integer(limit)]) { row in (row.integer(0), row.timestamp(1)) }
    }

    /// Forgets some events, and adds others.
    func save(events changes: Changes) throws(StoreError) {
        for (subject, key) in changes.forgottenEvents {
            try db.prepare(SQL.eventsDeleteOf).run([.blob(subject.bytes)] + key.values)
        }
        if let last = changes.eventsForgottenTo { try db.prepare(SQL.eventsDeleteTo).run([.integer(last)]) }
        for (index, event) in changes.events.enumerated() {
            try db.prepare(SQL.eventInsert).run([
                .integer(counters[.eventsCame] + Int64(index) + 1), .blob(event.subject.bytes),
                .integer(event.at.milliseconds), .text(event.key.kind.rawValue), .text(event.key.text),
                .text(event.kind.rawValue), .integer(event.version), .optional(event.change),
                .optional(event.sentAt?.milliseconds), .optional(event.trouble?.code),
                .optional(event.trouble?.message),
                .optional(event.requestID),
            ])
        }
    }
}

extension Connection {
    func events(of subjects: [GUID], limit: Int) throws(StoreError) -> [DeliveryEvent] {
        let ofOne = try prepare(SQL.eventsOf)
        var found: [(number: Int64, event: DeliveryEvent)] = []
        for subject in Set(subjects) {
            found += try ofOne.rows([.blob(subject.bytes), .integer(limit)]) { row throws(StoreError) in
                (row.integer(0), try row.event())
            }
        }
        return found.sorted { $0.number > $1.number }.prefix(limit).map(\.event)
    }
}

extension Row {
    fileprivate func event() throws(StoreError) -> DeliveryEvent {
        let key = DeliveryKey(try named(3), text(4))
        var event = DeliveryEvent(key, of: try guid(1), try named(5), version: integer(6), at: timestamp(2))
        event.change = optionalBytes(7)
        event.sentAt = optionalInteger(8).map(Timestamp.init(milliseconds:))
        event.trouble = optionalText(9).map { DeliveryTrouble(code: $0, message: text(10)) }
        event.requestID = optionalText(11)
        return event
    }
}
