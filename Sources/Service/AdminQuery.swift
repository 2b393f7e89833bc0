import HTTPServer
import OnewayCore

/// The parameters of a listing, read strictly: what cannot be meant is said, not guessed at.
struct AdminQuery {
    static let limitMax = 500

    let limit: Int
    private let items: QueryItems

    init(_ head: RequestHead) throws(Problem) {
        items = QueryItems(head.query)
        guard let text = items["limit"].last else {
            limit = 50
            return
        }
        guard let number = Int(text), (1...Self.limitMax).contains(number) else {
            throw Problem(.badRequest, "limit is a whole number from 1 to \(Self.limitMax).")
        }
        limit = number
    }

    func text(_ name: String) -> String? { items[name].last.flatMap { $0.isEmpty ? nil : $0 } }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(Problem) -> Choice?
    where Choice.RawValue == String {
        let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try read(name, "one of \(all)", Choice.init)
    }

    func time(_ name: String) throws(Problem) -> Timestamp? {
        try read(name, "a time such as 2026-01-31T08:15:00Z") { Timestamp(iso8601: $0) }
    }

    func guid(_ name: String) throws(Problem) -> GUID? { try read(name, "a GUID") { GUID($0) } }

    func after<Cursor>(_ expected: String, _ make: (String) -> Cursor?) throws(Problem) -> Cursor? {
        try read("after", "\(expected): the `next` of the page before", make)
    }

    private func read<Value>(_ name: String, _ expected: String, _ make: (String) -> Value?) throws(Problem) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = make(text) else { throw Problem(.badRequest, "\(name) is \(expected).") }
        return value
    }
}

/// A request's body as one JSON object.
struct AdminBody {
    private let root: JSONValue

    init(_ request: Request) throws(Problem) {
        do throws(JSONError) { root = try JSONDocument(request.body).root } catch {
            throw Problem(.badRequest, "The body is not JSON: \(error)")
        }
        guard root.isObject else { throw Problem(.badRequest, "The body is not one JSON object.") }
    }

    subscript(name: String) -> JSONValue? {
        guard let value = root[name], !value.isNull else { return nil }
        return value
    }
}
