import OnewayCore

extension OutboxItem {
    /// In the order of `SQL.outboxColumns`.
    var values: [SQLValue] { key.values + plain + indexed + [.integer(place)] }

    var plain: [SQLValue] {
        [
            .optional(state.desired), .optional(state.confirmed), .integer(state.version),
            .optional(ReasonText.encode(state.reasons)), .optional(state.heldFor?.rawValue),
            .optional(state.waitingFor?.rawValue), .integer(state.attempts), .optional(state.trouble?.message),
            .optional(state.requestID), .integer(state.claim), .integer(state.isInDoubt ? 1 : 0),
            .optional(state.lead), .optional(state.confirmedAt?.milliseconds),
        ]
    }

    var indexed: [SQLValue] {
        [
            .optional(opportunity?.bytes), .text(state.stage.rawValue), .integer(state.lane.rawValue),
            .optional(state.waitsOn?.kind.rawValue), .optional(state.waitsOn?.text),
            .optional(state.nextAttemptAt?.milliseconds), .optional(state.pendingSince?.milliseconds),
            .optional(state.trouble?.code), .integer(state.isClaimed ? 1 : 0),
        ]
    }
}

extension SQLRow {
    func outboxItem() throws(StoreError) -> OutboxItem {
        OutboxItem(
            key: DeliveryKey(try named(0), text(1)),
            opportunity: optionalGUID(15),
            state: try deliveryState(),
            place: integer(24)
        )
    }

    private func deliveryState() throws(StoreError) -> DeliveryState {
        var state = DeliveryState()
        (state.desired, state.confirmed, state.version) = (optionalBytes(2), optionalBytes(3), integer(4))
        state.reasons = ReasonText.decode(optionalText(5))
        (state.heldFor, state.waitingFor) = (try optionalNamed(6), try optionalNamed(7))
        state.attempts = Int(integer(8))
        state.trouble = optionalText(22).map { DeliveryTrouble(code: $0, message: text(9)) }
        state.requestID = optionalText(10)
        (state.claim, state.isInDoubt, state.lead) = (integer(11), integer(12) != 0, optionalInteger(13))
        state.confirmedAt = optionalInteger(14).map(Timestamp.init(milliseconds:))
        state.stage = try named(16)
        state.lane = DeliveryLane(rawValue: Int(integer(17))) ?? .live
        let waitsOn: RecordKind? = try optionalNamed(18)
        state.waitsOn = waitsOn.map { DeliveryKey($0, text(19)) }
        state.nextAttemptAt = optionalInteger(20).map(Timestamp.init(milliseconds:))
        state.pendingSince = optionalInteger(21).map(Timestamp.init(milliseconds:))
        state.isClaimed = integer(23) != 0
        return state
    }
}
