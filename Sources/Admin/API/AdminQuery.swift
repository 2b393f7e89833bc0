import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// The parameters of a listing, read strictly: an invalid value is an error, never a guess.
struct AdminQuery {
    static let limitMax = 500

    let limit: Int
    private let items: QueryItems

    /// - Parameter isForm: Browsers send the fields of a form that were left empty: there they are left out.
    init(_ head: RequestHead, isForm: Bool = false) throws(Problem) {
        let given = isForm ? QueryItems(form: head.query) : QueryItems(head.query)
        items = isForm ? given.withoutEmpty : given
        guard let text = items["limit"].last else {
            limit = 50
            return
        }
        guard let number = Int(text), (1...Self.limitMax).contains(number) else {
            throw Problem(.badRequest, "limit is a whole number from 1 to \(Self.limitMax).")
        }
        limit = number
    }

    /// Throws for a parameter that the path does not take; nil: it takes any.
    static func check(_ head: RequestHead, takes parameters: Set<String>?) throws(Problem) {
        guard let parameters, !QueryItems(head.query).names.isSubset(of: parameters) else { return }
        let known = parameters.isEmpty ? "none" : parameters.sorted().joined(separator: ", ")
        throw Problem(.badRequest, "The query has an unknown parameter. Known parameters: \(known).")
    }

    /// A Marketo error code.
    func code() throws(Problem) -> String? {
        try read("code", "a Marketo code, such as 1003") { $0.isEmpty ? nil : $0 }
    }

    /// Nil if it is left out or empty.
    func text(_ name: String) -> String? { items[name].last.flatMap { $0.isEmpty ? nil : $0 } }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(Problem) -> Choice?
    where Choice.RawValue == String {
        let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try read(name, "one of \(all)", Choice.init)
    }

    func time(_ name: String) throws(Problem) -> Timestamp? {
        try read(name, "a time such as 2026-01-31T08:15:00Z") { Timestamp(iso8601: $0) }
    }

    /// The number of a file's line: 1 unless it is given.
    func line(_ name: String) throws(Problem) -> Int {
        try read(name, "the number of a line") { Int($0).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil } } ?? 1
    }

    func guid(_ name: String) throws(Problem) -> GUID? { try read(name, "a GUID") { GUID($0) } }

    /// Empty means the beginning, so that a loop can send its cursor the first time too.
    func after<Cursor>(_ expected: String, _ make: (String) -> Cursor?) throws(Problem) -> Cursor? {
        if text("after") == nil { return nil }
        return try read("after", "\(expected): the `next` of the page before", make)
    }

    /// An empty value is an error: it may come from a variable that was never set, and would select everything.
    private func read<Value>(_ name: String, _ expected: String, _ make: (String) -> Value?) throws(Problem) -> Value? {
        guard let text = items[name].last else { return nil }
        guard let value = make(text) else { throw Problem(.badRequest, "\(name) is \(expected).") }
        return value
    }
}

/// A request's body as one JSON object. Unknown members are refused: a misspelt `dryRun` must not replay for real.
struct AdminBody {
    private let root: JSONValue

    init(_ request: Request, of members: Set<String>) throws(Problem) {
        do throws(JSONError) { root = try JSONDocument(request.body).root } catch {
            throw Problem(.badRequest, "The body is not JSON: \(error)")
        }
        guard root.isObject else { throw Problem(.badRequest, "The body is not one JSON object.") }
        guard root.members.allSatisfy({ members.contains($0.name) }) else {
            throw Problem(.badRequest, "The body has an unknown member. Known members: \(members.sorted()).")
        }
    }

    subscript(name: String) -> JSONValue? { root[name] }

    func text(_ name: String) throws(Problem) -> String? { try read(name, "text", \.string) }

    func flag(_ name: String) throws(Problem) -> Bool? { try read(name, "true or false", \.bool) }

    func time(_ name: String) throws(Problem) -> Timestamp? {
        try read(name, "a time such as 2026-01-31T08:15:00Z") { $0.string.flatMap(Timestamp.init(iso8601:)) }
    }

    func guid(_ name: String) throws(Problem) -> GUID? { try read(name, "a GUID") { $0.string.flatMap { GUID($0) } } }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        of choices: [Choice] = Array(Choice.allCases)
    ) throws(Problem) -> Choice? where Choice.RawValue == String {
        let all = choices.map(\.rawValue).joined(separator: ", ")
        return try read(name, "one of \(all)") { value in choices.first { $0.rawValue == value.string } }
    }

    private func read<Value>(
        _ name: String,
        _ expected: String,
        _ make: (JSONValue) -> Value?
    ) throws(Problem) -> Value? {
        guard let member = root[name] else { return nil }
        guard let value = make(member) else { throw Problem(.badRequest, "\(name) is \(expected).") }
        return value
    }
}

extension RetryScope {
    /// Exactly one of the ways to choose records; two at once would be ambiguous.
    init(all: Bool?, kind: String?, key: String?, code: String?, waitingFor: WaitReason?) throws(Problem) {
        switch (all, kind.flatMap(RecordKind.init), key, code, waitingFor) {
        case (true?, nil, nil, nil, nil) where kind == nil: self = .all
        case (nil, let kind?, let key?, nil, nil):
            guard let key = DeliveryKey(kind, asWritten: key) else {
                throw Problem(
                    .badRequest,
                    "key is \(kind == .role ? "<opportunity>/<contact>/<role name>" : "a GUID")."
                )
            }
            self = .key(key)
        case (nil, nil, nil, let code?, nil) where kind == nil: self = .code(code)
        case (nil, nil, nil, nil, let reason?) where kind == nil: self = .waitingFor(reason)
        default:
            throw Problem(
                .badRequest,
                "Give one of these: all; kind and key; code; waitingFor. kind is company, opportunity, role, person, or"
                    + " salesPerson."
            )
        }
    }
}

extension DeliveryKey {
    /// A key as typed by a person, whose ids may have capitals or braces. Nil: no record can have such a key.
    fileprivate init?(_ kind: RecordKind, asWritten text: String) {
        guard kind == .role else {
            guard let id = GUID(text) else { return nil }
            self.init(kind, "\(id)")
            return
        }
        guard let role = DeliveryKey(.role, text).role, let opportunity = GUID(role.opportunity) else { return nil }
        self.init(.role, "\(opportunity)/\(role.contact)/\(role.name)")
    }
}
