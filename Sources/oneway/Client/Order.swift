import OnewayCore

/// What a command wants of the running service.
enum Order: Equatable, Sendable {
    case status
    case opportunity(GUID)
    case parked(code: String?, Page)
    case refusals(Page)
    case retry(Retry)
    case replay(Replay)
    case pause, resume
    case allow(GUID)
    case erase(contact: GUID, isSure: Bool)

    /// A part of a list.
    struct Page: Equatable, Sendable {
        var limit = 50
        var after: String?
    }

    enum Retry: Equatable, Sendable {
        case all
        case code(String)
        case key(kind: String, key: String)
    }

    enum Replay: Equatable, Sendable {
        case notifications([String], isDry: Bool)
        case range(from: String?, to: String?, outcome: String?, isDry: Bool)
    }

    /// How it goes over the wire.
    var request: (method: String, path: String, body: JSON?) {
        switch self {
        case .status: ("GET", "/api/status", nil)
        case .opportunity(let id): ("GET", "/api/opportunities/\(id)", nil)
        case .parked(let code, let page):
            ("GET", "/api/outbox?state=parked\(code.map { "&code=\($0.inQuery)" } ?? "")&\(page.query)", nil)
        case .refusals(let page): ("GET", "/api/refusals?\(page.query)", nil)
        case .retry(let retry): ("POST", "/api/outbox/retry", retry.json)
        case .replay(let replay): ("POST", "/api/inbox/replay", replay.json)
        case .pause: ("POST", "/api/pause", [:])
        case .resume: ("POST", "/api/resume", [:])
        case .allow(let id): ("POST", "/api/refusals/\(id)/allow", [:])
        case .erase(let contact, _): ("POST", "/api/erase", ["contact": .string("\(contact)")])
        }
    }
}

extension Order {
    /// What Oneway's answer always has.
    var answered: String {
        switch self {
        case .status: "inbox"
        case .opportunity: "opportunity"
        case .parked, .refusals: "items"
        case .retry: "retried"
        case .replay: "replayed"
        case .pause, .resume: "paused"
        case .allow: "allowed"
        case .erase: "removed"
        }
    }
}

extension Order.Page {
    var query: String { "limit=\(limit)\(after.map { "&after=\($0.inQuery)" } ?? "")" }
}

extension Order.Retry {
    var json: JSON {
        switch self {
        case .all: ["all": true]
        case .code(let code): ["code": .string(code)]
        case .key(let kind, let key): ["kind": .string(kind), "key": .string(key)]
        }
    }
}

extension Order.Replay {
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

extension String {
    /// As the value of a query parameter.
    var inQuery: String {
        utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
