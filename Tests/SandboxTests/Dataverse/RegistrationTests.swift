import OnewayCore
import Testing

@testable import Sandbox

@Suite struct RegistrationTests {
    private static let endpoint =
        #"{"name": "e", "url": "https://hook.test", "contract": 8, "authtype": 4, "authvalue": "secret-key"}"#

    @Test func whatIsRegisteredCanBeReadButForItsSecret() throws {
        var dataverse = Dataverse()
        let id = try dataverse.made("serviceendpoints", Self.endpoint)
        let row = dataverse.ask("GET", "serviceendpoints(\(id))")
        #expect(row.json.members["isauthvalueset"] == true && row.json.members["authtype"] == 4)
        #expect(!String(decoding: row.json.encoded, as: UTF8.self).contains("secret"))
        let told = dataverse.ask("POST", "serviceendpoints", Self.endpoint, prefer: "return=representation")
        #expect(told.status == 201 && told.json.members["name"] == "e" && told.json.members["authvalue"] == nil)
        let changed = dataverse.ask("PATCH", "serviceendpoints(\(id))", #"{"authvalue": "next", "name": "f"}"#)
        #expect(changed.status == 204)
        #expect(dataverse.ask("GET", "serviceendpoints?$select=name&$filter=contract eq 8").rows.count == 2)
    }

    @Test func aStepIsFoundFromItsEndpointAndEndsBeforeIt() throws {
        var dataverse = Dataverse()
        let step = try dataverse.register(
            "Update",
            of: "opportunity",
            #", "filteringattributes": "name,statecode", "asyncautodelete": true"#,
            image:
                #""entityalias": "post", "name": "post", "imagetype": 1, "messagepropertyname": "Target", "attributes": "name""#
        )
        let row = dataverse.ask("GET", "sdkmessageprocessingsteps(\(step))").json.members
        #expect(row["rank"] == 1 && row["statecode"] == 0 && row["asyncautodelete"] == true)
        let endpoint = row["_eventhandler_value"]?.shown ?? ""
        let steps = dataverse.ask(
            "GET",
            "serviceendpoints(\(endpoint))/serviceendpoint_sdkmessageprocessingstep?$select=name"
        )
        #expect(steps.rows.map { $0["sdkmessageprocessingstepid"] } == ["\(step)"])
        let images = "sdkmessageprocessingsteps(\(step))/sdkmessageprocessingstepid_sdkmessageprocessingstepimage"
        #expect(dataverse.ask("GET", images).rows.first?["entityalias"] == "post")

        let early = dataverse.ask("DELETE", "serviceendpoints(\(endpoint))")
        #expect(early.status == 400 && early.code == "0x8004f01f")
        #expect(
            dataverse.ask("PATCH", "sdkmessageprocessingsteps(\(step))", #"{"statecode": 1, "statuscode": 2}"#).status
                == 204
        )
        #expect(dataverse.ask("DELETE", "sdkmessageprocessingsteps(\(step))").status == 204)
        #expect(dataverse.ask("GET", "sdkmessageprocessingstepimages").rows.isEmpty)
        #expect(dataverse.ask("DELETE", "serviceendpoints(\(endpoint))").status == 204)
        #expect(dataverse.ask("DELETE", "serviceendpoints(\(endpoint))").code == "0x80040217")
    }

    @Test func aVersionIsHeldAgainstTheOneThatIsThere() throws {
        var dataverse = Dataverse()
        let id = try dataverse.made("serviceendpoints", Self.endpoint)
        let path = "serviceendpoints(\(id))"
        let etag = dataverse.ask("GET", path).json.members["@odata.etag"]?.shown ?? ""
        #expect(dataverse.ask("PATCH", path, #"{"name": "f"}"#, headers: [("If-Match", etag)]).status == 204)
        let stale = dataverse.ask("PATCH", path, #"{"name": "g"}"#, headers: [("If-Match", etag)])
        #expect(stale.status == 412 && stale.code == "0x80060882")
        let unknown = "serviceendpoints(\(Company.account(1)))"
        #expect(dataverse.ask("PATCH", unknown, Self.endpoint, headers: [("If-Match", "*")]).status == 404)
        #expect(dataverse.ask("PATCH", unknown, Self.endpoint).status == 204, "an upsert")
        #expect(dataverse.ask("GET", unknown).status == 200)
    }

    static let refusedEndpoints: [(change: String, by: String)] = [
        (#""name": "e", "#, ""), (#""url": "https://hook.test""#, #""url": "ftp://hook.test""#),
        (#""contract": 8"#, #""contract": 1"#),
        (#""authtype": 4"#, #""authtype": 5"#), (#""authvalue": "secret-key""#, #""authvalue": """#),
        (#""authtype": 4"#, #""authtype": 9"#), (#""name": "e""#, #""Name": "e""#), (#""name": "e""#, #""name": 7"#),
        (#""name": "e""#, #""name": "e", "isauthvalueset": true"#),
        (#""secret-key""#, "\"\(String(repeating: "k", count: 2049))\""),
        (#""name": "e""#, "\"name\": \"\(String(repeating: "n", count: 257))\""),
    ]

    @Test(arguments: refusedEndpoints) func anEndpointHasToBeRight(change: String, by: String) {
        var dataverse = Dataverse()
        let body = Self.endpoint.replacing(change, with: by)
        #expect(body != Self.endpoint)
        #expect(dataverse.ask("POST", "serviceendpoints", body).status == 400)
        #expect(dataverse.instance.book["serviceendpoint"].count == 0, "nothing is left of it")
    }

    static let refusedSteps: [(change: String, by: String, code: String)] = [
        ("sdkmessageid@", "SdkMessageId@", "0x80048d19"),
        ("eventhandler_serviceendpoint@", "eventhandler@", "0x80048d19"),
        (#""mode": 1"#, #""mode": 2"#, "0x80040203"), (#""stage": 40"#, #""stage": 20"#, "0x80044184"),
        (#""stage": 40"#, #""stage": 30"#, "0x80040203"), (#""name": "s", "#, "", "0x80040203"),
        (#""name": "s""#, #""name": "s", "filteringattributes": "name""#, "0x80040203"),
        ("/sdkmessages(", "/accounts(", "0x8006088a"), ("/sdkmessages(", "/sdkmessages(0", "0x0"),
        (#""name": "s""#, #""name": "s", "sdkmessageid": "x""#, "0x0"),
    ]

    @Test(arguments: refusedSteps) func aStepHasToBeRight(change: String, by: String, code: String) throws {
        var dataverse = Dataverse()
        let endpoint = try dataverse.made("serviceendpoints", Self.endpoint)
        let filter = dataverse.ask(
            "GET",
            "sdkmessagefilters?$filter=primaryobjecttypecode eq 'account' and sdkmessageid/name eq 'Create'"
        ).rows[0]
        let right = """
            {"name": "s", "stage": 40, "mode": 1, "eventhandler_serviceendpoint@odata.bind": "/serviceendpoints(\(endpoint))", \
            "sdkmessageid@odata.bind": "/sdkmessages(\(filter["_sdkmessageid_value"] ?? ""))", \
            "sdkmessagefilterid@odata.bind": "sdkmessagefilters(\(filter["sdkmessagefilterid"] ?? ""))"}
            """
        let answer = dataverse.ask("POST", "sdkmessageprocessingsteps", right.replacing(change, with: by))
        #expect(answer.code == code, "\(answer.json)")
        #expect(dataverse.ask("POST", "sdkmessageprocessingsteps", right).status == 204)
    }

    static let images: [(message: String, members: String, status: Int)] = [
        ("Update", #""imagetype": 2, "messagepropertyname": "Target", "attributes": "name,customerid""#, 204),
        ("Update", #""imagetype": 1, "messagepropertyname": "target""#, 400),
        ("Update", #""imagetype": 1, "messagepropertyname": "Target", "attributes": "nme""#, 400),
        ("Update", #""imagetype": 1"#, 400), ("Create", #""imagetype": 1, "messagepropertyname": "Id""#, 204),
        ("Create", #""imagetype": 0, "messagepropertyname": "Id""#, 400),
        ("Create", #""imagetype": 1, "messagepropertyname": "Target""#, 400),
        ("Delete", #""imagetype": 0, "messagepropertyname": "Target""#, 204),
        ("Delete", #""imagetype": 1, "messagepropertyname": "Target""#, 400),
        ("Win", #""imagetype": 1, "messagepropertyname": "Target""#, 400),
    ]

    @Test(arguments: images) func anImageHasToFitItsMessage(message: String, members: String, status: Int) throws {
        var dataverse = Dataverse()
        let step = try dataverse.register(message, of: "opportunity")
        let answer = dataverse.ask(
            "POST",
            "sdkmessageprocessingstepimages",
            #"""
            {"entityalias": "i", "sdkmessageprocessingstepid@odata.bind": "/sdkmessageprocessingsteps(\#(step))", \#(members)}
            """#
        )
        #expect(answer.status == status, "\(answer.json)")
    }

    static let secrets: [(type: Int, value: String, address: String?, headers: Int)] = [
        (4, "a b&c", "https://h.test/x?code=a%20b%26c", 0),
        (6, #"<settings><setting name="k" value="v&amp;1"/></settings>"#, "https://h.test/x?k=v%261", 0),
        (
            6, #"<settings> <setting name="a" value="1" /><setting name="b" value="2"></setting></settings>"#,
            "https://h.test/x?a=1&b=2", 0
        ),
        (5, #"<settings><setting name="X-Key" value="v"/></settings>"#, "https://h.test/x", 1),
        (5, #"<settings><setting name="X-Key" value=" "/></settings>"#, nil, 0), (5, "<settings></settings>", nil, 0),
        (5, #"<settings><setting value="v" name="k"/></settings>"#, nil, 0), (5, "plain", nil, 0), (7, "x", nil, 0),
        (4, "", nil, 0),
    ]

    @Test(arguments: secrets) func secretsGoWhereTheirTypeSays(type: Int, value: String, address: String?, headers: Int)
    {
        let secret = EndpointSecret(type: type, value: value)
        #expect(secret?.address("https://h.test/x/") == address)
        if case .headers(let pairs) = secret { #expect(pairs.count == headers) } else { #expect(headers == 0) }
    }
}
