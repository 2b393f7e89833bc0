import OnewayCore
import Store

/// Stored items in the contract's JSON shapes.
extension InboxItem {
    var json: JSON {
        [
            "notification": .string("\(id)"), "receivedAt": .string("\(receivedAt)"),
            "outcome": .string(labels.outcome.rawValue),
            "message": .optional(labels.message), "entity": .optional(labels.entity),
            "record": .optional(labels.record.map { "\($0)" }),
            "opportunity": .optional(labels.opportunity.map { "\($0)" }), "reasons": .array(labels.reasons.map(\.json)),
            "code": .optional(labels.code),
        ]
    }
}

extension OutboxItem {
    /// With what people call it, as far as that is known.
    func json(_ names: RecordNames) -> JSON { .object(members(names)) }

    /// And with what Dynamics was asked because this waits.
    func json(_ names: RecordNames, asked reads: [Question]) -> JSON {
        .object(members(names) + [JSON.Member("asked", asked(in: reads)?.json ?? .null)])
    }

    private func members(_ names: RecordNames) -> [JSON.Member] {
        let json: JSON = [
            "name": .optional(names.name(of: self)), "contact": .optional(names.contact(of: self)),
            "kind": .string(key.kind.rawValue), "key": .string(key.text),
            "opportunity": .optional(opportunity.map { "\($0)" }), "state": .string(state.stage.rawValue),
            "waitingFor": .optional(state.waitingFor?.rawValue), "code": .optional(state.trouble?.code),
            "message": .optional(state.trouble?.message), "requestId": .optional(state.requestID),
            "attempts": .int(state.attempts), "nextAttemptAt": .optional(state.nextAttemptAt.map { "\($0)" }),
            "confirmedAt": .optional(state.confirmedAt.map { "\($0)" }),
            "reasons": .array(state.reasons.map(\.json)), "desired": state.desired.map(JSON.encoded) ?? .null,
            "confirmed": state.confirmed.map(JSON.encoded) ?? .null,
        ]
        guard case .object(let members) = json else { return [] }
        return members
    }
}

extension RefusalItem {
    var json: JSON {
        [
            "at": .string("\(at)"), "door": .string(door.rawValue), "who": .string(who),
            "opportunity": .optional(opportunity.map { "\($0)" }), "count": .int(count), "allowed": .bool(isAllowed),
        ]
    }
}

extension RefusalItem {
    /// The number that a cursor names.
    static func number(_ cursor: String) -> Int64? {
        cursor.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) ? Int64(cursor) : nil
    }
}

extension StoreReplica {
    var json: JSON {
        [
            "name": .string(name), "version": .string(version),
            "role": .string(role.rawValue),
            "startedAt": .string("\(startedAt)"), "heardAt": .string("\(heardAt)"),
            "leadsSince": .optional(leadsSince.map { "\($0)" }),
        ]
    }
}

extension StoreReplicas {
    var json: JSON {
        [
            "replicas": .array(list.map(\.json)), "handOvers": .int(handOvers),
            "databaseMilliseconds": answeredInMilliseconds.map(JSON.int) ?? .null,
        ]
    }
}
