import OnewayCore

extension Measured {
    var json: JSON {
        [
            "total": .int(total), "tokenRequests": .int(tokenRequests), "mostAtOnce": .int(mostAtOnce),
            "mostBegunIn20Seconds": .int(mostBegunIn20Seconds),
            "mostAnsweredIn20Seconds": .int(mostAnsweredIn20Seconds),
            "byPath": .sorted(callsByPath.mapValues(JSON.int)), "codes": .sorted(codes.mapValues(JSON.int)),
            "calls": .array(calls.map(\.json)),
        ]
    }
}

extension Call {
    fileprivate var json: JSON {
        [
            "number": .int(number), "method": .string(method), "path": .string(path), "records": .int(records),
            "began": .string("\(began)"), "answered": .optional(answered.map { "\($0)" }), "status": .optional(status),
            "codes": .array(codes.map(JSON.string)),
        ]
    }
}

extension HistoryEntry {
    var json: JSON {
        [
            "at": .string("\(at)"), "call": .int(call), "kind": .string(kind.rawValue), "key": .string(key),
            "state": state ?? .null, "status": .string(status), "heard": .bool(isHeard),
        ]
    }
}

extension SandboxLimits {
    /// A limit that is left out is switched off, like one that is null.
    init(_ body: JSONValue) throws(ControlError) {
        for member in body.members
        where !Self.names.contains(member.name) || !(member.value.isNull || member.value.int != nil) {
            throw ControlError(says: "Limits are numbers or null: \(Self.names.joined(separator: ", ")).")
        }
        self.init(
            callsPer20Seconds: body["callsPer20Seconds"]?.int,
            concurrentCalls: body["concurrentCalls"]?.int,
            callsPerDay: body["callsPerDay"]?.int
        )
    }

    private static let names = ["callsPer20Seconds", "concurrentCalls", "callsPerDay"]
}
