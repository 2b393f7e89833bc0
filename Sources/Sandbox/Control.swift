import HTTPServer
import OnewayCore
import Threads

/// `/sandbox`: inspection and setup for tests and people at a terminal. Needs no token.
struct Control: Sendable {
    let instance: Locked<Instance>
    let now: @Sendable () -> Timestamp

    func answer(_ request: Request) -> Response {
        let path = request.head.path.split(separator: "/").dropFirst().joined(separator: "/")
        do throws(ControlError) {
            let body = try Self.body(request)
            let answer = try instance.withLock { instance throws(ControlError) in
                try instance.control(request.head.method, path, body, now: now())
            }
            return .json(answer)
        } catch {
            return .json(["error": .string(error.says)], error.status)
        }
    }

    /// Any Content-Type will do: curl sends a form's.
    static func body(_ request: Request) throws(ControlError) -> JSONValue? {
        guard !request.body.isEmpty else { return nil }
        do throws(JSONError) { return try JSONDocument(request.body).root } catch {
            throw ControlError(status: 400, says: "The body is not JSON: \(error)")
        }
    }
}

struct ControlError: Error {
    var status = 400
    let says: String
}

extension Instance {
    mutating func clearFaults() {
        faults.clear()
        mode = .normal
    }

    mutating func control(
        _ method: String,
        _ path: String,
        _ body: JSONValue?,
        now: Timestamp
    ) throws(ControlError) -> JSON {
        switch (method, path) {
        case ("GET", ""): return everything
        case ("GET", "calls"): return measured.json
        case ("GET", "history"): return .array(history.all.map(\.json))
        case ("GET", "faults"): return faultsJSON
        case ("POST", "faults"): try faults.add(Fault(needed(body)))
        case ("DELETE", "faults"): clearFaults()
        case ("POST", "mode"): mode = try Self.mode(needed(body))
        case ("POST", "limits"): throttle.limits = try SandboxLimits(needed(body))
        case ("POST", "expire-token"): tokens.expire()
        case ("POST", "leads"): return try seed(needed(body), now: now)
        case ("POST", "reset"): reset()
        default:
            if method == "GET", path.hasPrefix("opportunities/") {
                return try opportunity(String(path.dropFirst("opportunities/".count)))
            }
            throw ControlError(
                status: 404,
                says: "There is no \(method) /sandbox/\(path). docs/sandbox.md lists all requests."
            )
        }
        return faultsJSON
    }

    private func needed(_ body: JSONValue?) throws(ControlError) -> JSONValue {
        guard let body else { throw ControlError(says: "A JSON body is needed.") }
        return body
    }

    private static func mode(_ body: JSONValue) throws(ControlError) -> Mode {
        guard let mode = body["mode"]?.string.flatMap(Mode.init(rawValue:)) else {
            throw ControlError(says: "mode is one of \(Mode.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return mode
    }

    /// One lead, or a list of them.
    private mutating func seed(_ body: JSONValue, now: Timestamp) throws(ControlError) -> JSON {
        let leads = body.isArray ? body.elements : [body]
        guard leads.allSatisfy(\.isObject) else { throw ControlError(says: "A lead is an object of fields.") }
        return ["ids": .array(leads.map { .int(book.seedLead(JSON($0).members, now: now)) })]
    }

    private func opportunity(_ id: String) throws(ControlError) -> JSON {
        guard let held = book.held(.opportunity, id) else {
            throw ControlError(status: 404, says: "There is no such opportunity.")
        }
        let company = held.values["externalCompanyId"].flatMap { book.record(.company, $0.shown) }
        let roles = book[.role].records("externalOpportunityId", id)
        return [
            "opportunity": .sorted(held.values), "company": company ?? .null,
            "roles": .array(roles.map { .sorted($0.values) }),
        ]
    }

    private var everything: JSON {
        .object(
            MarketoKind.allCases.map {
                JSON.Member($0 == .role ? "roles" : $0.rawValue, .array(book.all($0)))
            } + [.init("mode", .string(mode.rawValue))]
        )
    }

    private var faultsJSON: JSON {
        ["mode": .string(mode.rawValue), "faults": .array(faults.waiting.map(\.json))]
    }
}
