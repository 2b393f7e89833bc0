import HTTPClient
import OnewayCore

/// A command for the running service.
enum AdminCommand: Equatable, Sendable {
    case status, replicas
    case opportunity(GUID)
    case parked(code: String?, Page)
    case waiting(for: String?, Page)
    /// The people whom Marketo lacks; a whole list has as many of these as it has pages.
    case missingPeople(Page)
    case opportunities(Filter, Page)
    case find(String, limit: Int)
    case refusals(Page)
    case retry(Retry)
    case replay(Replay)
    case pause, resume
    case allow(GUID)
    case refresh(GUID)
    case erase(contact: GUID, isSure: Bool)

    /// A part of a list.
    struct Page: Equatable, Sendable {
        var limit = 50
        var after: String?
    }

    /// The conditions of a list, as the API names them; nil: any.
    struct Filter: Equatable, Sendable {
        var conditions: [(name: String, value: String)] = []

        var query: String {
            conditions.map { "\($0.name)=\(PercentEncoding.encoded($0.value))&" }.joined()
        }

        static func == (left: Filter, right: Filter) -> Bool { left.query == right.query }
    }

    enum Retry: Equatable, Sendable {
        case all
        case code(String)
        case waitingFor(String)
        case key(kind: String, key: String)
    }

    enum Replay: Equatable, Sendable {
        case notifications([String], isDry: Bool)
        case range(from: String?, to: String?, outcome: String?, isDry: Bool)
    }

    /// The HTTP request for the command.
    var request: (method: HTTPRequest.Method, path: String, body: JSON?) {
        switch self {
        case .status: (.get, "/api/status", nil)
        case .replicas: (.get, "/api/replicas", nil)
        case .opportunity(let id): (.get, "/api/opportunities/\(id)", nil)
        case .parked(let code, let page):
            (
                .get,
                "/api/outbox?state=parked\(code.map { "&code=\(PercentEncoding.encoded($0))" } ?? "")&\(page.query)",
                nil
            )
        case .waiting(let reason, let page):
            (
                .get,
                "/api/outbox?state=waiting\(reason.map { "&waitingFor=\(PercentEncoding.encoded($0))" } ?? "")&\(page.query)",
                nil
            )
        case .missingPeople(let page): (.get, "/api/waiting/people?\(page.query)", nil)
        case .opportunities(let filter, let page): (.get, "/api/opportunities?\(filter.query)\(page.query)", nil)
        case .find(let text, let limit): (.get, "/api/find?q=\(PercentEncoding.encoded(text))&limit=\(limit)", nil)
        case .refusals(let page): (.get, "/api/refusals?\(page.query)", nil)
        case .retry(let retry): (.post, "/api/outbox/retry", retry.json)
        case .replay(let replay): (.post, "/api/inbox/replay", replay.json)
        case .pause: (.post, "/api/pause", [:])
        case .resume: (.post, "/api/resume", [:])
        case .allow(let id): (.post, "/api/refusals/\(id)/allow", [:])
        case .refresh(let id): (.post, "/api/opportunities/\(id)/refresh", [:])
        case .erase(let contact, _): (.post, "/api/erase", ["contact": .string("\(contact)")])
        }
    }
}

extension AdminCommand {
    /// The member that Oneway's answer always has.
    var answered: String {
        switch self {
        case .status: "inbox"
        case .replicas: "replicas"
        case .opportunity: "opportunity"
        case .parked, .waiting, .missingPeople, .opportunities, .find, .refusals: "items"
        case .retry: "retried"
        case .replay: "replayed"
        case .pause, .resume: "paused"
        case .allow: "allowed"
        case .refresh: "reads"
        case .erase: "removed"
        }
    }
}

extension AdminCommand.Page {
    var query: String { "limit=\(limit)\(after.map { "&after=\(PercentEncoding.encoded($0))" } ?? "")" }
}

extension AdminCommand.Retry {
    var json: JSON {
        switch self {
        case .all: ["all": true]
        case .code(let code): ["code": .string(code)]
        case .waitingFor(let reason): ["waitingFor": .string(reason)]
        case .key(let kind, let key): ["kind": .string(kind), "key": .string(key)]
        }
    }
}

extension AdminCommand.Replay {
    var json: JSON {
        switch self {
        case .notifications(let ids, let isDry):
            return ["notifications": .array(ids.map(JSON.string)), "dryRun": .bool(isDry)]
        case .range(let from, let to, let outcome, let isDry):
            let given = [("from", from), ("to", to), ("outcome", outcome)].compactMap { name, value in
                value.map { JSON.Member(name, .string($0)) }
            }
            return .object(given + [JSON.Member("dryRun", .bool(isDry))])
        }
    }
}
