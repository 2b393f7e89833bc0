import HTTPServer
import OnewayCore
import Threads

/// `/sandbox`: inspection and setup for tests and people at a terminal. Needs no token.
struct DataverseControl: Sendable {
    let instance: Locked<DataverseInstance>
    let pipeline: EventPipeline
    let now: @Sendable () -> Timestamp

    func answer(_ request: Request) async -> Response {
        let parts = request.head.path.split(separator: "/").dropFirst().map(String.init)
        let call = ControlCall(
            method: request.head.method,
            parts: parts,
            parameters: Parameters(request.head.query)
        )
        do throws(ControlError) {
            let body = try Control.body(request)
            if let answer = try await change(call, body) { return .json(answer) }
            let answer = try instance.withLock { instance throws(ControlError) in
                try instance.control(call, body, now: now())
            }
            pipeline.setupChanged()
            return .json(answer)
        } catch {
            return .json(["error": .string(error.says)], error.status)
        }
    }
}

struct ControlCall: Sendable {
    let method: String
    /// The path segments after `/sandbox`.
    let parts: [String]
    let parameters: Parameters

    var path: String { parts.joined(separator: "/") }
    var unknown: ControlError {
        ControlError(
            status: 404,
            says: "There is no \(method) /sandbox/\(path). docs/sandbox-dataverse.md lists all requests."
        )
    }
}

extension ControlError {
    init(_ error: DataverseError) { self.init(status: error.status, says: "\(error.code): \(error.message)") }
}

extension DataverseInstance {
    mutating func control(
        _ call: ControlCall,
        _ body: JSONValue?,
        now: Timestamp
    ) throws(ControlError) -> JSON {
        switch (call.method, call.path) {
        case ("GET", ""): return overview
        case ("GET", "calls"): return measured.json
        case ("GET", "webhooks"):
            return ["waiting": .int(deliveries.count), "sent": .array(deliveries.records.map(\.json))]
        case ("GET", "faults"): break
        case ("POST", "faults"): try faults.add(DataverseFault(needed(body)))
        case ("POST", "webhook-faults"): try webhookFaults.add(WebhookFault(needed(body)))
        case ("DELETE", "faults"): clearFaults()
        case ("POST", "limits"): protection.limits = try DataverseLimits(needed(body))
        case ("POST", "privileges"): privileges.missing = try Self.names(needed(body), "missing")
        case ("POST", "change-tracking"): try setTracking(needed(body))
        case ("POST", "columns"): try addColumn(needed(body))
        case ("POST", "grow"):
            Company.grow(&book, try Growth(needed(body)), now: now)
            return overview
        case ("POST", "expire-token"): tokens.expire()
        case ("POST", "expire-changes"): book.forgetChanges()
        case ("POST", "reset"):
            reset(now: now)
            return overview
        default: return try rows(call)
        }
        return arranged
    }

    private func needed(_ body: JSONValue?) throws(ControlError) -> JSONValue {
        guard let body else { throw ControlError(says: "A JSON body is needed.") }
        return body
    }

    private static func names(_ body: JSONValue, _ member: String) throws(ControlError) -> Set<String> {
        try body.checkNames([member], of: "privileges")
        guard let list = body[member], list.isArray, list.elements.allSatisfy({ $0.string != nil }) else {
            throw ControlError(says: "\(member) is a list of names.")
        }
        return Set(list.elements.compactMap(\.string))
    }

    private mutating func setTracking(_ body: JSONValue) throws(ControlError) {
        try body.checkNames(["table", "enabled"], of: "change-tracking")
        guard let name = body["table"]?.string, book.tables[name] != nil, let isOn = body["enabled"]?.bool else {
            throw ControlError(says: "table is the name of one, and enabled is true or false.")
        }
        book.tables.setTracking(name, isOn)
    }

    private mutating func addColumn(_ body: JSONValue) throws(ControlError) {
        let column = try CustomColumn(body)
        do throws(DataverseError) {
            try book.tables.add(column, to: body["table"]?.string ?? "")
        } catch {
            throw ControlError(error)
        }
    }

    /// `GET opportunities`, `GET opportunities/ID`
    private func rows(_ call: ControlCall) throws(ControlError) -> JSON {
        guard call.method == "GET", (1...2).contains(call.parts.count),
            let table = book.tables.table(set: call.parts[0])
        else { throw call.unknown }
        do throws(DataverseError) {
            let form = try RowForm(table, select: nil, annotations: Annotations("*"))
            guard call.parts.count == 2 else { return .array(book[table.name].all.map { form.json($0, in: book) }) }
            guard let id = GUID(call.parts[1]) else { throw .missingRow(table.name, call.parts[1]) }
            return form.json(try book.needed(table.name, id), in: book)
        } catch {
            throw ControlError(error)
        }
    }

    private var overview: JSON {
        .object([
            .init("rows", .object(book.tables.all.map { .init($0.set, .int(book[$0.name].count)) })),
            .init("version", .int(book.version)), .init("webhooksWaiting", .int(deliveries.count)),
            .init("user", .string("\(Company.applicationUser)")), .init("arranged", arranged),
        ])
    }
}

extension Growth {
    fileprivate init(_ body: JSONValue) throws(ControlError) {
        let names: [(name: String, path: WritableKeyPath<Growth, Int>)] = [
            ("contacts", \.contacts), ("accounts", \.accounts), ("stakeholders", \.stakeholders),
            ("customersWhoAreContacts", \.customersWhoAreContacts),
        ]
        try body.checkNames(["opportunities"] + names.map(\.name), of: "grow")
        let count = body["opportunities"]?.int ?? 0
        guard (1...200_000).contains(count) else { throw ControlError(says: "opportunities is 1 to 200000.") }
        self.init(opportunities: count)
        for (name, path) in names {
            guard let member = body[name] else { continue }
            guard let number = member.int, (0...count).contains(number) else {
                throw ControlError(says: "\(name) is at most the number of opportunities.")
            }
            self[keyPath: path] = number
        }
    }
}
