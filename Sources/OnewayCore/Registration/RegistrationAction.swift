/// One row of Dynamics, and what is to become of it.
public struct RegistrationAction: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case create, change, remove
        /// It is as it should be.
        case same
        /// It is Oneway's, but not asked about.
        case leave
    }

    public struct Change: Hashable, Sendable {
        public let column: RegistrationTable.Column
        public let from: RegistrationValue
        public let to: RegistrationValue
    }

    public let kind: Kind
    public let table: RegistrationTable
    public let role: WebhookRole
    /// Nil for a webhook, and for a step that Oneway does not register.
    public let event: StepEvent?
    /// A name for people, such as `Update of opportunity, post-image`.
    public let name: String
    /// Nil: to be created.
    public let id: GUID?
    /// The values to send; for a new row all of them.
    public let changes: [Change]
    /// The key is sent with them: for a new webhook, for another kind of authentication, or on request.
    public let sendsKey: Bool

    public var isPending: Bool { kind == .create || kind == .change || kind == .remove }

    /// The body for the Web API, without references and key. The state of a step comes with its reason, and a new one is
    /// enabled anyway.
    public var members: [JSON.Member] {
        changes.flatMap { change -> [JSON.Member] in
            let member = JSON.Member(change.column.name, change.to.json)
            guard change.column.name == "statecode" else { return [member] }
            return kind == .create ? [] : [member, JSON.Member("statuscode", 1)]
        }
    }
}

extension RegistrationAction.Change {
    /// For people: the columns that come and go, or both values.
    public var says: String {
        if case (.columns(let from), .columns(let to)) = (from, to) {
            if from.isEmpty { return "\(column.name): only \(to.joined(separator: ", "))" }
            if to.isEmpty { return "\(column.name): all columns" }
            let changes =
                to.filter { !from.contains($0) }.map { "+\($0)" } + from.filter { !to.contains($0) }.map { "-\($0)" }
            return "\(column.name): \(changes.joined(separator: " "))"
        }
        return "\(column.name): \(shown(from)) -> \(shown(to))"
    }

    fileprivate var shownFrom: JSON {
        if case .text(let text) = from { .string(Self.withoutKey(text, column)) } else { from.json }
    }

    /// The address of a webhook may have a key in its query.
    private static func withoutKey(_ text: String, _ column: RegistrationTable.Column) -> String {
        guard column.name == "url", text.contains("?") else { return text }
        return text.prefix { $0 != "?" } + "?..."
    }

    private func shown(_ value: RegistrationValue) -> String {
        switch value {
        case .text(let text): Self.withoutKey(text, column)
        case .number(let number): column.labels[number] ?? "\(number)"
        case .flag(let flag): flag ? "yes" : "no"
        case .columns(let names): names.joined(separator: ", ")
        case .empty: "nothing"
        }
    }
}

extension RegistrationAction {
    public var json: JSON {
        [
            "action": .string(kind.rawValue), "table": .string(table.rawValue), "webhook": .string(role.name),
            "name": .string(name), "id": id.map { .string("\($0)") } ?? .null, "sendsKey": .bool(sendsKey),
            "changes": .array(
                changes.map {
                    ["column": .string($0.column.name), "from": $0.shownFrom, "to": $0.to.json]
                }
            ),
        ]
    }
}
