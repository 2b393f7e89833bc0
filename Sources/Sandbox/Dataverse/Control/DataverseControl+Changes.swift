import OnewayCore
import Threads

/// Changes to rows over HTTP: `POST opportunities`, `PATCH opportunities/ID`, and the like, with the columns as body.
/// The parameters `user`, `depth`, and `bypass` set the user and the depth, and whether steps are bypassed.
extension DataverseControl {
    /// Returns nil if the call is not a change.
    func change(_ call: ControlCall, _ body: JSONValue?) async throws(ControlError) -> JSON? {
        if call.method == "POST", call.path == "step" { return try await steps(body) }
        guard let (operation, origin) = try operation(call, body) else { return nil }
        do throws(DataverseError) {
            return ["id": .string("\(try await pipeline.apply(operation, by: origin))")]
        } catch {
            throw ControlError(error)
        }
    }

    /// `{"seed": 1, "count": 10}`
    private func steps(_ body: JSONValue?) async throws(ControlError) -> JSON {
        try body?.checkNames(["seed", "count"], of: "step")
        let (seed, count) = (body?["seed"]?.int ?? 1, body?["count"]?.int ?? 1)
        guard (1...10_000).contains(count), (0...1 << 53).contains(seed) else {
            throw ControlError(says: "seed is 0 to 2^53, and count 1 to 10000.")
        }
        var said: [JSON] = []
        for number in 0..<count {
            let change = instance.withLock { instance in
                ChangeGenerator(book: instance.book, seed: UInt64(seed + number), now: now()).change
            }
            do throws(DataverseError) {
                let id = try await pipeline.apply(change.operation, by: Origin(user: change.user))
                said.append(["id": .string("\(id)"), "says": .string(change.says)])
            } catch {
                said.append(["id": .null, "says": .string(error.message)])
            }
        }
        return .array(said)
    }

    private func operation(
        _ call: ControlCall,
        _ body: JSONValue?
    ) throws(ControlError) -> (RowOperation, Origin)? {
        guard let set = call.parts.first else { return nil }
        let tables = instance.withLock { $0.book.tables }
        guard let table = tables.table(set: set), call.method != "GET" else { return nil }
        let origin = try origin(call)
        let id = call.parts.count > 1 ? GUID(call.parts[1]) : nil
        switch (call.method, call.parts.count, id) {
        case ("POST", 1, _):
            return (.create(table: table.name, id: nil, try ControlValues(table, tables).read(body)), origin)
        case ("PATCH", 2, let id?):
            return (.update(table: table.name, id, try ControlValues(table, tables).read(body)), origin)
        case ("DELETE", 2, let id?): return (.delete(table: table.name, id), origin)
        case ("POST", 3, let id?):
            switch call.parts[2] {
            case "win" where table.name == "opportunity", "lose" where table.name == "opportunity":
                try body?.checkNames(["actualvalue"], of: call.parts[2])
                let amount = try body?.value("actualvalue", "a number", \.number)
                return (.close(opportunity: id, won: call.parts[2] == "win", actualValue: amount), origin)
            case "merge":
                try body?.checkNames(["subordinate"], of: "merge")
                guard let other = body?["subordinate"]?.string.flatMap({ GUID($0) }) else {
                    throw ControlError(says: "subordinate is the id of the losing row.")
                }
                return (.merge(table: table.name, master: id, subordinate: other), origin)
            default: throw call.unknown
            }
        default: throw call.unknown
        }
    }

    private func origin(_ call: ControlCall) throws(ControlError) -> Origin {
        for name in call.parameters.names where !["user", "depth", "bypass"].contains(name) {
            throw ControlError(says: "There is no parameter \(name); there are user, depth, and bypass.")
        }
        var depth = 1
        if let text = call.parameters["depth"] {
            guard let number = Int(text), (1...8).contains(number) else { throw ControlError(says: "depth is 1 to 8.") }
            depth = number
        }
        var user = Company.salesPerson
        if let text = call.parameters["user"] {
            guard let id = GUID(text) else { throw ControlError(says: "user is an id.") }
            user = id
        }
        let bypass = call.parameters["bypass"] ?? "false"
        guard bypass == "true" || bypass == "false" else { throw ControlError(says: "bypass is true or false.") }
        return Origin(user: user, depth: depth, bypassesSteps: bypass == "true")
    }
}

/// Reads columns as in the Web API, except that lookups are `{"account": "ID"}` under their own name.
struct ControlValues: Sendable {
    private let table: Table
    private let tables: Tables

    init(_ table: Table, _ tables: Tables) {
        self.table = table
        self.tables = tables
    }

    func read(_ body: JSONValue?) throws(ControlError) -> RowOperation.Values {
        guard let body, body.isObject else { throw ControlError(says: "The body is an object of columns.") }
        var values: RowOperation.Values = [:]
        for (name, value) in body.members {
            guard let column = table.column(name) else { throw ControlError(says: "\(table.name) has no \(name).") }
            values.updateValue(try value.isNull ? nil : read(value, column), forKey: name)
        }
        return values
    }

    private func read(_ value: JSONValue, _ column: Column) throws(ControlError) -> ColumnValue {
        guard let targets = column.targets else {
            do throws(DataverseError) { return try column.value(value) } catch { throw ControlError(error) }
        }
        guard value.members.count == 1, let (target, text) = value.members.first, targets.contains(target),
            let id = text.string.flatMap({ GUID($0) })
        else {
            throw ControlError(says: "\(column.name) is {\"\(targets.joined(separator: "\" or \""))\": \"ID\"}.")
        }
        return .lookup(RowReference(target, id))
    }
}
