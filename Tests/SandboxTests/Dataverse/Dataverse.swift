import HTTPServer
import OnewayCore
import Testing

@testable import Sandbox

/// A stand-in that is asked without a socket, by somebody with a token.
struct Dataverse {
    var instance: DataverseInstance
    var token: String?
    var now = anytime

    init(_ change: (inout DataverseOptions) -> Void = { _ in }) {
        var options = DataverseOptions()
        change(&options)
        instance = DataverseInstance(options, now: anytime)
        token = instance.tokens.give(now: anytime).text
    }

    /// `target` follows `/api/data/v9.2/`, or begins with a slash, or is a link from an answer.
    mutating func ask(
        _ method: String = "GET",
        _ target: String,
        _ body: String = "",
        prefer: String? = nil,
        headers: [(name: String, value: String)] = []
    ) -> WebAnswer {
        let whole = target.split(separator: "http://org.test").last.map(String.init) ?? target
        let address = whole.hasPrefix("/") ? whole : "/api/data/v9.2/\(whole)"
        let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
        var all: [(name: String, value: String)] = [("Host", "org.test"), ("Content-Type", "application/json")]
        if let token { all.append(("Authorization", "Bearer \(token)")) }
        if let prefer { all.append(("Prefer", prefer)) }
        let head = RequestHead(
            id: "1",
            method: method,
            path: parts[0],
            query: parts.count > 1 ? parts[1] : "",
            headers: Headers(all + headers)
        )
        let request = WebRequest(Request(head: head, body: Array(body.utf8)))
        let (number, answer) = instance.begin(request, now: now)
        instance.finish(number, request, answer, began: now, now: now)
        return answer
    }

    mutating func apply(
        _ operation: RowOperation,
        user: GUID = Company.salesPerson,
        depth: Int = 1
    ) throws -> GUID {
        try instance.commit(operation, by: Origin(user: user, depth: depth), names: nil, now: now)
    }

    mutating func pass(seconds: Int64) { now = Timestamp(milliseconds: now.milliseconds + seconds * 1000) }

    /// Takes the pending notifications as if they had been sent.
    mutating func sent() -> [Delivery] {
        var sent: [Delivery] = []
        while let item = instance.deliveries.next() {
            instance.finish(item.delivery, [202], isDropped: false, now: now)
            sent.append(item.delivery)
        }
        return sent
    }

    /// Registers a step through the Web API, with an endpoint of its own. Returns the step's id.
    @discardableResult
    mutating func register(
        _ message: String,
        of table: String,
        _ members: String = "",
        image: String? = nil
    ) throws -> GUID {
        let endpoint = try made(
            "serviceendpoints",
            #"{"name": "e", "url": "https://hook.test/in/", "contract": 8, "authtype": 4, "authvalue": "k&1"}"#
        )
        let filters = ask(
            "GET",
            "sdkmessagefilters?$filter=primaryobjecttypecode eq '\(table)' and sdkmessageid/name eq '\(message)'"
        )
        let filter = try #require(filters.rows.first)
        let id = filter["_sdkmessageid_value"] ?? ""
        let step = try made(
            "sdkmessageprocessingsteps",
            #"""
            {"name": "s", "stage": 40, "mode": 1, "eventhandler_serviceendpoint@odata.bind": "/serviceendpoints(\#(endpoint))",
             "sdkmessageid@odata.bind": "/sdkmessages(\#(id))",
             "sdkmessagefilterid@odata.bind": "/sdkmessagefilters(\#(filter["sdkmessagefilterid"] ?? ""))"\#(members)}
            """#
        )
        if let image {
            _ = try made(
                "sdkmessageprocessingstepimages",
                #"{"sdkmessageprocessingstepid@odata.bind": "/sdkmessageprocessingsteps(\#(step))", \#(image)}"#
            )
        }
        return step
    }

    /// Returns the id of the new row.
    mutating func made(_ set: String, _ body: String) throws -> GUID {
        let answer = ask("POST", set, body)
        #expect(answer.status == 204, "\(set): \(answer.json)")
        let address = answer.headers.first { $0.name == "OData-EntityId" }?.value ?? ""
        return try #require(GUID(String(address.split(separator: "(").last?.dropLast() ?? "")))
    }
}

extension WebAnswer {
    var json: JSON {
        if case .json(let json) = content { json } else { .null }
    }

    var list: [JSON] {
        if case .array(let values) = json.members["value"] { values } else { [] }
    }

    /// The rows as text.
    var rows: [[String: String]] { list.map { $0.members.mapValues(\.shown) } }

    var says: String { json.members["error"]?.members["message"]?.shown ?? "" }

    func link(_ name: String) -> String? { json.members["@odata.\(name)"]?.shown }
}
