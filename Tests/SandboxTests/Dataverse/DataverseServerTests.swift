import OnewayCore
import Testing

@testable import Sandbox

/// Over real sockets, with webhooks that are recorded instead of sent.
@Suite struct DataverseServerTests {
    /// Endpoint and step over HTTP, as a client registers them. Returns the step's id.
    private func register(_ visitor: Visitor, _ message: String, mode: Int = 1) async throws -> String {
        let api = "/api/data/v9.2/"
        func made(_ set: String, _ body: String) async -> String {
            _ = await visitor.ask("POST", api + set, body)
            let all = await visitor.ask("GET", api + set).json.members["value"]
            guard case .array(let rows) = all else { return "" }
            return rows.last?.members["\(set.dropLast())id"]?.shown ?? ""
        }
        let endpoint = await made(
            "serviceendpoints",
            #"{"name": "e", "url": "http://hook.test", "contract": 8, "authtype": 4, "authvalue": "k"}"#
        )
        let query =
            "sdkmessagefilters?$filter=primaryobjecttypecode%20eq%20'account'%20and%20sdkmessageid/name%20eq%20'\(message)'"
        guard case .array(let filters) = await visitor.ask("GET", api + query).json.members["value"],
            let filter = filters.first?.members
        else { return "" }
        return await made(
            "sdkmessageprocessingsteps",
            #"""
            {"name": "s", "stage": 40, "mode": \#(mode), "eventhandler_serviceendpoint@odata.bind": "/serviceendpoints(\#(endpoint))",
             "sdkmessageid@odata.bind": "/sdkmessages(\#(filter["_sdkmessageid_value"]?.shown ?? ""))",
             "sdkmessagefilterid@odata.bind": "/sdkmessagefilters(\#(filter["sdkmessagefilterid"]?.shown ?? ""))"}
            """#
        )
    }

    @Test func aChangeIsSentAndCanBeReadBack() async throws {
        let receiver = WebhookReceiver()
        try await withDataverse(receiver) { dataverse, visitor in
            let step = try await register(visitor, "Create")
            let made = await visitor.ask("POST", "/sandbox/accounts?depth=2", #"{"name": "Łódź"}"#)
            let id = made.json.members["id"]?.shown ?? ""
            let request = try #require(await receiver.arrived.first { _ in true })
            let notification = try DynamicsNotification.decode(request.body, selection: .everything)
            #expect("\(notification.envelope.stepId ?? .zero)" == step && notification.envelope.depth == 2)
            #expect(notification.record.map { "\($0.id)" } == id)
            let read = await visitor.ask("GET", "/api/data/v9.2/accounts(\(id))?$select=name")
            #expect(read.json.members["name"] == "Łódź")
            await dataverse.waitUntilDelivered()
            #expect(dataverse.deliveries.map(\.statuses) == [[202]])
            let seen = await visitor.ask("GET", "/sandbox/accounts/\(id)")
            #expect(seen.json.members["ownerid"] == nil && seen.json.members["_ownerid_value"] != nil)
            #expect(await visitor.ask("DELETE", "/sandbox/accounts/\(id)").status == 200)
            #expect(await visitor.ask("GET", "/api/data/v9.2/accounts(\(id))").status == 404)
            let calls = dataverse.measured.callsByPath
            #expect(calls["accounts(id)"] == 2 && calls["serviceendpoints"] == 2)
        }
    }

    static let retries: [(statuses: [Int?], attempts: Int, isDelivered: Bool)] = [
        ([200], 1, true), ([503, 202], 2, true), ([502, 503, 200], 2, false), ([504, nil], 2, false),
        ([500, 202], 1, false),
        ([429, 202], 1, false), ([nil, 202], 1, false), ([302, 202], 1, false),
    ]

    @Test(arguments: retries) func onlyWhoWasNotThereIsAskedAgain(statuses: [Int?], attempts: Int, isDelivered: Bool)
        async throws
    {
        try await withDataverse(WebhookReceiver(statuses)) { dataverse, visitor in
            _ = try await register(visitor, "Update")
            try await dataverse.update("account", Company.account(1), ["name": "N"])
            await dataverse.waitUntilDelivered()
            #expect(dataverse.deliveries.map(\.statuses.count) == [attempts])
            #expect(dataverse.deliveries.first?.isDelivered == isDelivered)
            #expect(dataverse.ids("asyncoperation").count == 1, "without asyncautodelete every job is left")
        }
    }

    @Test func aSynchronousStepCanRefuse() async throws {
        let receiver = WebhookReceiver([403, 503, 202])
        try await withDataverse(receiver) { dataverse, visitor in
            _ = try await register(visitor, "Create", mode: 0)
            let count = dataverse.ids("account").count
            let error = await #expect(throws: DataverseError.self) {
                try await dataverse.create("account", ["name": "N"])
            }
            #expect(error?.code == "0x80050201" && dataverse.ids("account").count == count)
            let id = try await dataverse.create("account", ["name": "N"])
            #expect(dataverse.row("account", id) != nil)
            var requests: [WebhookRequest] = []
            for await request in receiver.arrived {
                requests.append(request)
                if requests.count == 3 { break }
            }
            let envelope = try Envelope.peek(requests[2].body)
            #expect(envelope.isSynchronous && envelope.isInTransaction && envelope.operationId == envelope.requestId)
            #expect(envelope.primaryEntityId == id, "told before, and true after")
            try await dataverse.create("account", ["name": "N"], SandboxDataverse.Manner(bypassesSteps: true))
            #expect(dataverse.deliveries.map(\.statuses) == [[403], [503, 202]])
            #expect(dataverse.ids("asyncoperation").isEmpty)
        }
    }

    @Test func whatIsLateIsOvertaken() async throws {
        let receiver = WebhookReceiver()
        try await withDataverse(receiver) { dataverse, visitor in
            _ = try await register(visitor, "Update")
            dataverse.add(WebhookFault(.delay(seconds: 100)))
            dataverse.add(WebhookFault(.drop))
            for name in ["one", "two", "three"] {
                try await dataverse.update("account", Company.account(1), ["name": .text(name)])
            }
            var bodies: [String] = []
            for await request in receiver.arrived {
                bodies.append(String(decoding: request.body, as: UTF8.self))
                if bodies.count == 2 { break }
                // The first one was overtaken.
                dataverse.endDelays()
            }
            await dataverse.waitUntilDelivered()
            let records = dataverse.deliveries
            #expect(records.map(\.isDropped) == [true, false, false] && dataverse.ids("asyncoperation").count == 2)
            #expect(bodies[0].contains("\"three\"") && bodies[1].contains("\"one\""))
        }
    }

    @Test func everythingIsArrangedOverHTTP() async throws {
        try await withDataverse { dataverse, visitor in
            func post(_ path: String, _ body: String) async -> Visitor.Heard {
                await visitor.ask("POST", "/sandbox/\(path)", body)
            }
            #expect(
                await post("faults", #"{"fault": "error", "code": "0x80072322", "path": "accounts"}"#).status == 200
            )
            #expect(await post("webhook-faults", #"{"fault": "delay", "delay": 1, "times": null}"#).status == 200)
            #expect(await post("privileges", #"{"missing": ["prvReadContact"]}"#).status == 200)
            let arranged = await visitor.ask("GET", "/sandbox/faults").json.members
            #expect(arranged["missingPrivileges"] == ["prvReadContact"])
            #expect(await visitor.ask("GET", "/api/data/v9.2/accounts").status == 429)
            #expect(await visitor.ask("GET", "/api/data/v9.2/contacts").status == 403)
            #expect(await post("change-tracking", #"{"table": "account", "enabled": false}"#).status == 200)
            #expect(await post("limits", #"{"requests": 1}"#).status == 200)
            #expect(await visitor.ask("GET", "/api/data/v9.2/accounts").status == 429)
            #expect(await post("limits", "{}").status == 200)
            #expect(await post("step", #"{"seed": 5, "count": 20}"#).status == 200)
            #expect(await post("grow", #"{"opportunities": 10}"#).status == 200)
            let lost = "opportunities/\(Company.opportunity(3))/lose"
            #expect(await post(lost, #"{"actualvalue": 5}"#).status == 200)
            let merge = "accounts/\(Company.account(1))/merge"
            #expect(await post(merge, #"{"subordinate": "\#(Company.account(2))"}"#).status == 200)
            let customer = #"{"name": "N", "customerid": {"account": "\#(Company.account(3))"}}"#
            #expect(await post("opportunities", customer).status == 200)
            #expect(await post("expire-token", "").status == 200)
            #expect(await visitor.ask("GET", "/api/data/v9.2/accounts").status == 401)
            #expect(await visitor.ask("DELETE", "/sandbox/faults").status == 200)
            #expect(await post("reset", "").json.members["rows"]?.members["opportunities"] == 10)
            #expect(dataverse.measured.calls.isEmpty)
        }
    }

    @Test(arguments: [
        ("POST", "nothing", "{}", 404), ("PUT", "accounts", "{}", 404), ("POST", "faults", #"{"fault": "odd"}"#, 400),
        ("POST", "faults", #"{"fault": "none", "often": 1}"#, 400),
        ("POST", "webhook-faults", #"{"fault": "delay"}"#, 400),
        ("POST", "accounts", #"{"nme": 1}"#, 400), ("POST", "accounts", "{", 400),
        ("POST", "accounts?depth=9", "{}", 400),
        ("POST", "opportunities", #"{"name": "N", "customerid": "x"}"#, 400), ("POST", "grow", "{}", 400),
        ("POST", "accounts?bypass=yes", #"{"name": "N"}"#, 400), ("POST", "accounts?usr=x", #"{"name": "N"}"#, 400),
        ("POST", "step", #"{"sed": 1}"#, 400), ("GET", "accounts/7", "", 404), ("POST", "accounts/x/merge", "{}", 404),
        ("POST", "limits", #"{"calls": 1}"#, 400),
        ("DELETE", "accounts/00000000-0000-0000-0000-000000000001", "", 404),
    ])
    func whatCannotBeArrangedIsSaid(method: String, path: String, body: String, status: Int) async throws {
        try await withDataverse { _, visitor in
            let heard = await visitor.ask(method, "/sandbox/\(path)", body.isEmpty ? nil : body)
            #expect(heard.status == status && !(heard.json.members["error"]?.shown ?? "").isEmpty)
        }
    }
}
