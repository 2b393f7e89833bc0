import OnewayCore

extension OutboxItem {
    /// In the order of `SQL.outboxColumns`.
    var values: [SQLValue] {
        [
            .text(key.kind.rawValue), .text(key.text), .optional(opportunity?.bytes),
            .optional(state.desired), .optional(state.confirmed), .integer(state.version),
            .text(state.stage.rawValue), .integer(state.lane.rawValue), .optional(ReasonText.encode(state.reasons)),
            .optional(state.heldFor?.rawValue), .optional(state.waitingFor?.rawValue),
            .optional(state.waitsOn?.kind.rawValue), .optional(state.waitsOn?.text),
            .integer(state.attempts), .optional(state.nextAttemptAt?.milliseconds),
            .optional(state.pendingSince?.milliseconds),
            .optional(state.trouble?.code), .optional(state.trouble?.message), .optional(state.requestID),
            .integer(state.claim), .integer(state.isClaimed ? 1 : 0), .integer(state.isInDoubt ? 1 : 0),
            .optional(state.lead),
        ]
    }
}

extension Row {
    func outboxItem() throws(StoreError) -> OutboxItem {
        OutboxItem(
            key: DeliveryKey(try named(0), text(1)),
            opportunity: optionalBytes(2).flatMap(GUID.init(bytes:)),
            state: try deliveryState()
        )
    }

    private func deliveryState() throws(StoreError) -> DeliveryState {
        var state = DeliveryState()
        (state.desired, state.confirmed, state.version) = (optionalBytes(3), optionalBytes(4), integer(5))
        state.stage = try named(6)
        state.lane = DeliveryLane(rawValue: Int(integer(7))) ?? .live
        state.reasons = ReasonText.decode(optionalText(8))
        (state.heldFor, state.waitingFor) = (try optionalNamed(9), try optionalNamed(10))
        let waitsOn: RecordKind? = try optionalNamed(11)
        state.waitsOn = waitsOn.map { DeliveryKey($0, text(12)) }
        state.attempts = Int(integer(13))
        state.nextAttemptAt = optionalInteger(14).map(Timestamp.init(milliseconds:))
        state.pendingSince = optionalInteger(15).map(Timestamp.init(milliseconds:))
        state.trouble = optionalText(16).map { DeliveryTrouble(code: $0, message: text(17)) }
        state.requestID = optionalText(18)
        (state.claim, state.isClaimed, state.isInDoubt) = (integer(19), integer(20) != 0, integer(21) != 0)
        state.lead = optionalInteger(22)
        return state
    }

    func named<Name: RawRepresentable<String>>(_ column: Int32) throws(StoreError) -> Name {
        guard let name = Name(rawValue: text(column)) else { throw StoreError(.corrupt, "a row holds an unknown name") }
        return name
    }

    func optionalNamed<Name: RawRepresentable<String>>(_ column: Int32) throws(StoreError) -> Name? {
        isNull(column) ? nil : try named(column)
    }
}
