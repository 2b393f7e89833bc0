import OnewayCore

extension DataverseInstance {
    /// The current setup: faults, privileges, limits.
    var arranged: JSON {
        [
            "faults": .array(faults.waiting.map(\.json)), "webhookFaults": .array(webhookFaults.waiting.map(\.json)),
            "missingPrivileges": .array(privileges.missing.sorted().map(JSON.string)),
            "limits": [
                "requests": .optional(protection.limits.requests),
                "executionSeconds": protection.limits.executionSeconds.map { .number("\($0)") } ?? .null,
                "concurrentRequests": .optional(protection.limits.concurrentRequests),
            ],
        ]
    }
}

extension DeliveryRecord {
    var json: JSON {
        [
            "at": .string("\(at)"), "message": .string(message), "table": .string(row.table),
            "id": .string("\(row.id)"), "step": .string("\(step)"), "operation": .string("\(operation)"),
            "statuses": .array(statuses.map { JSON.optional($0) }), "dropped": .bool(isDropped),
            "asynchronous": .bool(isAsynchronous),
        ]
    }
}

extension DataverseLimits {
    /// A limit that is left out is switched off, like one that is null.
    init(_ body: JSONValue) throws(ControlError) {
        try body.checkNames(["requests", "executionSeconds", "concurrentRequests"], of: "limits")
        self.init(
            requests: try body.value("requests", "a number or null", \.int),
            executionSeconds: try body.value("executionSeconds", "a number or null") { $0.number.flatMap(Double.init) },
            concurrentRequests: try body.value("concurrentRequests", "a number or null", \.int)
        )
    }
}

/// `{"table": "contact", "name": "new_region", "label": "Region", "type": "text", "maxLength": 40}`.
extension CustomColumn {
    init(_ body: JSONValue) throws(ControlError) {
        try body.checkNames(["table", "name", "label", "type", "maxLength"], of: "a column")
        guard let name = body["name"]?.string, name.utf8.allSatisfy(Self.isOfName) else {
            throw ControlError(says: "name is small letters, digits, and underscores.")
        }
        let length = try body.value("maxLength", "a number", \.int) ?? 100
        guard (1...4000).contains(length) else { throw ControlError(says: "maxLength is 1 to 4000.") }
        let kinds: [String: Kind] = [
            "text": .text(lengthMax: length), "whole": .whole, "decimal": .decimal, "money": .money, "flag": .flag,
            "moment": .moment, "day": .day,
        ]
        guard let kind = kinds[body["type"]?.string ?? ""] else {
            throw ControlError(says: "type is one of \(kinds.keys.sorted().joined(separator: ", ")).")
        }
        self.init(name, label: try body.value("label", "text", \.string) ?? name, kind)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
    }
}

/// `{"fault": "error", "code": "0x80072322", "path": "opportunities", "times": 3}`.
extension DataverseFault {
    init(_ body: JSONValue) throws(ControlError) {
        try body.checkNames(["fault", "code", "status", "path", "method", "times", "delay"], of: "a fault")
        let delay = try body.value("delay", "a number") { $0.number.flatMap(Double.init) } ?? 0
        guard (0...250).contains(delay) else { throw ControlError(says: "delay is 0 to 250 seconds.") }
        self.init(
            try Self.kind(body),
            path: try body.value("path", "text", \.string),
            method: try body.value("method", "text", \.string),
            times: try body.times(),
            delaySeconds: delay
        )
    }

    private static func kind(_ body: JSONValue) throws(ControlError) -> Kind {
        switch body["fault"]?.string {
        case "error":
            guard let code = body["code"]?.string else {
                throw ControlError(says: "code is one of Dataverse's, like \"0x80072322\".")
            }
            return .error(code: code)
        case "status":
            guard let status = body["status"]?.int, (200...599).contains(status) else {
                throw ControlError(says: "status is an HTTP status.")
            }
            return .status(status)
        case "cut-before": return .cutBefore
        case "cut-after": return .cutAfter
        case "garbage": return .garbage
        case "none": return .none
        default: throw ControlError(says: "fault is one of error, status, cut-before, cut-after, garbage, none.")
        }
    }

    var json: JSON {
        let members: [JSON.Member] =
            switch kind {
            case .error(let code): [.init("fault", "error"), .init("code", .string(code))]
            case .status(let status): [.init("fault", "status"), .init("status", .int(status))]
            case .cutBefore: [.init("fault", "cut-before")]
            case .cutAfter: [.init("fault", "cut-after")]
            case .garbage: [.init("fault", "garbage")]
            case .none: [.init("fault", "none")]
            }
        return .object(
            members + [
                .init("path", .optional(path)), .init("method", .optional(method)), .init("times", .optional(times)),
                .init("delay", .number("\(delaySeconds)")),
            ]
        )
    }
}

/// `{"fault": "delay", "delay": 5, "table": "opportunity", "message": "Update", "times": null}`.
extension WebhookFault {
    init(_ body: JSONValue) throws(ControlError) {
        try body.checkNames(["fault", "delay", "table", "message", "times"], of: "a webhook fault")
        let kind: Kind
        switch body["fault"]?.string {
        case "drop": kind = .drop
        case "double": kind = .double
        case "reorder": kind = .reorder
        case "cut": kind = .cut
        case "delay":
            guard let seconds = body["delay"]?.number.flatMap(Double.init), (0...3600).contains(seconds) else {
                throw ControlError(says: "delay is 0 to 3600 seconds.")
            }
            kind = .delay(seconds: seconds)
        default: throw ControlError(says: "fault is one of drop, double, delay, reorder, cut.")
        }
        self.init(
            kind,
            table: try body.value("table", "text", \.string),
            message: try body.value("message", "text", \.string),
            times: try body.times()
        )
    }

    var json: JSON {
        let members: [JSON.Member] =
            switch kind {
            case .drop: [.init("fault", "drop")]
            case .double: [.init("fault", "double")]
            case .reorder: [.init("fault", "reorder")]
            case .cut: [.init("fault", "cut")]
            case .delay(let seconds): [.init("fault", "delay"), .init("delay", .number("\(seconds)"))]
            }
        return .object(
            members + [
                .init("table", .optional(table)), .init("message", .optional(message)),
                .init("times", .optional(times)),
            ]
        )
    }
}

extension JSONValue {
    func checkNames(_ names: [String], of what: String) throws(ControlError) {
        for member in members where !names.contains(member.name) {
            throw ControlError(
                says: "There is no \(member.name) in \(what); there is \(names.joined(separator: ", "))."
            )
        }
    }

    /// Defaults to 1; nil for null, which means until it is removed.
    fileprivate func times() throws(ControlError) -> Int? {
        let times = try value("times", "a number or null", \.int) ?? (self["times"] == nil ? 1 : nil)
        guard times.map({ $0 > 0 }) ?? true else { throw ControlError(says: "times is 1 or more, or null for always.") }
        return times
    }
}
