import OnewayCore
import Testing

@testable import Sandbox

@Suite struct FaultTests {
    private static let one = #"{"externalCompanyId": "c"}"#

    static let whole: [(fault: String, status: Int, exit: Int32, code: String?, executed: Bool)] = [
        (#"{"fault": "error", "code": "611"}"#, 200, 0, "611", false),
        (#"{"fault": "error", "code": 713, "numbers": true}"#, 200, 0, "713", false),
        (#"{"fault": "status", "status": 502}"#, 502, 0, nil, false),
        (#"{"fault": "cut-before"}"#, 0, 52, nil, false),
        (#"{"fault": "cut-after"}"#, 0, 52, nil, true),
        (#"{"fault": "garbage"}"#, 200, 0, nil, true),
        (#"{"fault": "none", "delay": 0.05}"#, 200, 0, nil, true),
    ]

    @Test func aCallGoesWrongOnceAsAsked() async throws {
        try await withSandbox { marketo, visitor in
            for (fault, status, exit, code, executed) in Self.whole {
                #expect(await visitor.ask("POST", "/sandbox/faults", fault).status == 200)
                let heard = await visitor.sync("companies", Self.one)
                #expect(heard.exit == exit && heard.status == status && heard.code == code, "\(fault)")
                #expect((marketo.book.record(.company, "c") != nil) == executed, "\(fault)")
                #expect(marketo.measured.calls.last?.status == (status == 0 ? nil : status), "\(fault)")
                let again = await visitor.sync("companies", Self.one)
                #expect(again.short == [executed ? "updated" : "created"], "\(fault)")
                #expect(marketo.history.repeated.isEmpty, "the client could not know")
                #expect(
                    await visitor.rest("POST", "companies/delete.json", #"{"input": [\#(Self.one)]}"#).short == [
                        "deleted"
                    ]
                )
            }
        }
    }

    @Test func codesAreNumbersWhereAsked() async throws {
        try await withSandbox { marketo, visitor in
            marketo.add(Fault(.error(code: "611"), codesAreNumbers: true))
            let whole = await visitor.sync("companies", Self.one)
            #expect(whole.failures[0].members["code"] == 611)
            marketo.add(Fault(.record(code: "1003", key: nil, inErrors: false), codesAreNumbers: true))
            let record = await visitor.sync("companies", Self.one)
            #expect(record.text.contains(#""reasons":[{"code":1003,"#))
        }
    }

    @Test func oneRecordIsSkippedAndTheOthersAreNot() async throws {
        try await withSandbox { marketo, visitor in
            marketo.add(Fault(.record(code: "1004", key: "b", inErrors: true), path: "companies"))
            let both = await visitor.sync("companies", #"{"externalCompanyId": "a"}, {"externalCompanyId": "b"}"#)
            #expect(both.short == ["created", "skipped"])
            #expect(both.result[1].members["reasons"] == nil && both.result[1].members["errors"] != nil)
            #expect(marketo.book.all(.company).count == 1)
        }
    }

    @Test func resultsCanBeTooFew() async throws {
        try await withSandbox { marketo, visitor in
            marketo.add(Fault(.short(by: 1)))
            let both = await visitor.sync("companies", #"{"externalCompanyId": "a"}, {"externalCompanyId": "b"}"#)
            #expect(both.short == ["created"])
            #expect(marketo.book.all(.company).count == 2)
        }
    }

    @Test func faultsFindTheirCalls() async throws {
        try await withSandbox { marketo, visitor in
            marketo.add(Fault(.error(code: "608"), path: "companies", method: "POST", times: 2))
            marketo.add(Fault(.status(503), path: "identity/oauth/token"))
            #expect(await visitor.rest("GET", "companies/describe.json").code == nil)
            #expect(await visitor.rest("GET", "companies.json?filterType=id&filterValues=1").code == nil)
            for expected in ["608", "608", nil] { #expect(await visitor.sync("companies", Self.one).code == expected) }
            let token = Visitor.tokenPath + "sandbox-secret"
            #expect(await visitor.ask("GET", token).status == 503)
            #expect(await visitor.ask("GET", token).status == 200)

            marketo.add(Fault(.error(code: "604"), times: nil))
            for _ in 0..<3 { #expect(await visitor.sync("companies", Self.one).code == "604") }
            #expect(await visitor.ask("DELETE", "/sandbox/faults").status == 200)
            #expect(await visitor.sync("companies", Self.one).code == nil)
        }
    }

    @Test func modesAreOfTheWholeInstance() async throws {
        try await withSandbox { marketo, visitor in
            func mode(_ name: String) async { _ = await visitor.ask("POST", "/sandbox/mode", #"{"mode": "\#(name)"}"#) }
            await mode("native-sync")
            #expect(await visitor.sync("companies", Self.one).code == "1018")
            #expect(await visitor.sync("leads", #"{"email": "a@example.com"}"#).code == nil)
            #expect(await visitor.rest("GET", "opportunities/describe.json").code == nil)
            await mode("denied")
            #expect(await visitor.rest("GET", "opportunities/describe.json").code == "603")
            await mode("down")
            #expect(await visitor.rest("GET", "opportunities/describe.json").exit == 52)
            #expect(await visitor.ask("GET", Visitor.tokenPath + "sandbox-secret").exit == 52)
            await mode("normal")
            #expect(await visitor.sync("companies", Self.one).code == nil)
            marketo.reset()
            #expect(marketo.book.all(.company).isEmpty && marketo.measured.total == 0 && marketo.history.all.isEmpty)
            #expect(await visitor.sync("companies", Self.one).code == "601")
        }
    }

    @Test(arguments: [
        ("POST", "faults", "", 400, "A JSON body is needed."),
        ("POST", "faults", "{", 400, "The body is not JSON: at byte 1: "),
        ("POST", "faults", "{}", 400, "fault is one of error, record,"),
        ("POST", "faults", #"{"fault": "error"}"#, 400, "code is one of Marketo's"),
        ("POST", "faults", #"{"fault": "error", "code": "611", "time": 3}"#, 400, "A fault has no time."),
        ("POST", "faults", #"{"fault": "error", "code": "611", "times": "3"}"#, 400, "times is a number or null."),
        ("POST", "faults", #"{"fault": "error", "code": "611", "times": 0}"#, 400, "times is 1 or more"),
        ("POST", "faults", #"{"fault": "none", "delay": 1000}"#, 400, "delay is 0 to 250 seconds."),
        ("POST", "faults", #"{"fault": "status", "status": 7}"#, 400, "status is an HTTP status."),
        ("POST", "faults", #"{"fault": "record", "code": "1", "in": "x"}"#, 400, "in is reasons or errors."),
        ("POST", "mode", #"{"mode": "off"}"#, 400, "mode is one of normal, down, denied, native-sync."),
        ("POST", "limits", #"{"callsPerDay": "many"}"#, 400, "Limits are numbers or null:"),
        ("POST", "leads", "[7]", 400, "A lead is an object of fields."),
        ("GET", "opportunities/none", "", 404, "There is no such opportunity."),
        ("GET", "nothing", "", 404, "There is no GET /sandbox/nothing."),
    ])
    func whatCannotBeArrangedIsSaid(method: String, path: String, body: String, status: Int, says: String) async throws
    {
        var instance = Instance(SandboxOptions())
        let document = body.isEmpty ? nil : try? JSONDocument(Array(body.utf8))
        if body.isEmpty || document != nil {
            let error = #expect(throws: ControlError.self) {
                _ = try instance.control(method, path, document?.root, now: anytime)
            }
            #expect(error?.status == status)
            #expect(error?.says.hasPrefix(says) == true, "\(error?.says ?? "")")
        } else {
            try await withSandbox { _, visitor in
                let heard = await visitor.ask(method, "/sandbox/\(path)", body)
                #expect(heard.status == status && heard.json.members["error"]?.shown.hasPrefix(says) == true)
            }
        }
    }
}
