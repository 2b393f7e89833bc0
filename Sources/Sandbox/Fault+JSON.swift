import OnewayCore

/// `{"fault": "error", "code": "611", "path": "opportunities", "times": 3}`.
extension Fault {
    init(_ body: JSONValue) throws(ControlError) {
        for member in body.members where !Self.members.contains(member.name) {
            throw ControlError(says: "A fault has no \(member.name). It has \(Self.members.joined(separator: ", ")).")
        }
        let times = try body.value("times", "a number or null", \.int) ?? (body["times"] == nil ? 1 : nil)
        guard times.map({ $0 > 0 }) ?? true else { throw ControlError(says: "times is 1 or more, or null for always.") }
        let delay = try body.value("delay", "a number") { $0.number.flatMap(Double.init) } ?? 0
        guard (0...250).contains(delay) else { throw ControlError(says: "delay is 0 to 250 seconds.") }
        self.init(
            try Self.kind(body),
            path: try body.value("path", "text", \.string),
            method: try body.value("method", "text", \.string),
            times: times,
            delaySeconds: delay,
            codesAreNumbers: try body.value("numbers", "true or false", \.bool) ?? false
        )
    }

    private static let members = [
        "fault", "code", "key", "in", "status", "by", "path", "method", "times", "delay", "numbers",
    ]

    private static func kind(_ body: JSONValue) throws(ControlError) -> Kind {
        switch body["fault"]?.string {
        case "error": return .error(code: try code(body))
        case "record":
            let place = try body.value("in", "text", \.string) ?? "reasons"
            guard place == "reasons" || place == "errors" else { throw ControlError(says: "in is reasons or errors.") }
            return .record(
                code: try code(body),
                key: try body.value("key", "text", \.string),
                inErrors: place == "errors"
            )
        case "status":
            guard let status = body["status"]?.int, (200...599).contains(status) else {
                throw ControlError(says: "status is an HTTP status.")
            }
            return .status(status)
        case "cut-before": return .cutBefore
        case "cut-after": return .cutAfter
        case "garbage": return .garbage
        case "short": return .short(by: max(1, try body.value("by", "a number", \.int) ?? 1))
        case "none": return .none
        default:
            throw ControlError(
                says: "fault is one of error, record, status, cut-before, cut-after, garbage, short, none."
            )
        }
    }

    private static func code(_ body: JSONValue) throws(ControlError) -> String {
        guard let code = body["code"], let text = code.string ?? code.number else {
            throw ControlError(says: "code is one of Marketo's, like \"611\".")
        }
        return text
    }

    var json: JSON {
        var members: [JSON.Member] = []
        switch kind {
        case .error(let code): members = [.init("fault", "error"), .init("code", .string(code))]
        case .record(let code, let key, let inErrors):
            members = [
                .init("fault", "record"), .init("code", .string(code)), .init("key", .optional(key)),
                .init("in", inErrors ? "errors" : "reasons"),
            ]
        case .status(let status): members = [.init("fault", "status"), .init("status", .int(status))]
        case .cutBefore: members = [.init("fault", "cut-before")]
        case .cutAfter: members = [.init("fault", "cut-after")]
        case .garbage: members = [.init("fault", "garbage")]
        case .short(let count): members = [.init("fault", "short"), .init("by", .int(count))]
        case .none: members = [.init("fault", "none")]
        }
        return .object(
            members + [
                .init("path", .optional(path)), .init("method", .optional(method)), .init("times", .optional(times)),
                .init("delay", .number("\(delaySeconds)")), .init("numbers", .bool(codesAreNumbers)),
            ]
        )
    }
}

extension JSONValue {
    /// Nil where it is not there or null.
    func value<Value>(
        _ name: String,
        _ what: String,
        _ read: (JSONValue) -> Value?
    ) throws(ControlError) -> Value? {
        guard let member = self[name], !member.isNull else { return nil }
        guard let value = read(member) else { throw ControlError(says: "\(name) is \(what).") }
        return value
    }
}
