import OnewayCore

extension DeliveryEvent {
    /// In the order of `SQL.eventColumns`.
    func values(_ number: Int64) -> [SQLValue] {
        [
            .integer(number), .blob(subject.bytes), .integer(at.milliseconds), .text(key.kind.rawValue),
            .text(key.text), .text(kind.rawValue), .integer(version), .optional(change),
            .optional(sentAt?.milliseconds), .optional(trouble?.code), .optional(trouble?.message),
            .optional(requestID),
        ]
    }
}

extension SQLRow {
    func event() throws(StoreError) -> DeliveryEvent {
        let key = DeliveryKey(try named(3), text(4))
        var event = DeliveryEvent(key, of: try guid(1), try named(5), version: integer(6), at: timestamp(2))
        event.change = optionalBytes(7)
        event.sentAt = optionalInteger(8).map(Timestamp.init(milliseconds:))
        event.trouble = optionalText(9).map { DeliveryTrouble(code: $0, message: text(10)) }
        event.requestID = optionalText(11)
        return event
    }
}
