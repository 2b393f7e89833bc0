import HTTPServer
import OnewayCore
import Testing

@testable import Sandbox

@Suite struct AccessTests {
    private static let right =
        "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox-secret&scope=https%3A%2F%2Forg.test%2F.default"

    private func token(
        _ dataverse: inout Dataverse,
        _ method: String,
        _ form: String,
        path: String = "/tenant/oauth2/v2.0/token"
    ) -> WebAnswer {
        let head = RequestHead(
            id: "1",
            method: method,
            path: path,
            headers: Headers([("Content-Type", "application/x-www-form-urlencoded")])
        )
        let request = WebRequest(Request(head: head, body: Array(form.utf8)))
        let (number, answer) = dataverse.instance.begin(request, now: dataverse.now)
        dataverse.instance.finish(number, request, answer, began: dataverse.now, now: dataverse.now)
        return answer
    }

    @Test func tokensAreGivenToThoseWhoKnowTheSecret() {
        var dataverse = Dataverse()
        let given = token(&dataverse, "POST", Self.right)
        #expect(given.status == 200 && given.json.members["token_type"] == "Bearer")
        #expect(given.json.members["access_token"]?.shown == dataverse.token)
        for (form, status, error) in [
            (Self.right.replacing("sandbox-secret", with: "x"), 401, "invalid_client"),
            (Self.right.replacing("client_id=sandbox", with: "client_id=x"), 400, "unauthorized_client"),
            (Self.right.replacing("client_credentials", with: "password"), 400, "unsupported_grant_type"),
            (Self.right.replacing(".default", with: "user"), 400, "invalid_scope"),
            ("grant_type=client_credentials", 400, "invalid_request"), ("", 400, "invalid_request"),
        ] {
            let refused = token(&dataverse, "POST", form)
            #expect(refused.status == status && refused.json.members["error"] == .string(error), "\(form)")
        }
        #expect(token(&dataverse, "GET", Self.right).status == 400)
        #expect(token(&dataverse, "POST", Self.right, path: "/oauth2/v2.0/token").status == 401)
        #expect(dataverse.instance.measured.tokenRequests == 8 && dataverse.instance.measured.total == 1)
    }

    @Test func aTokenRunsOut() {
        var dataverse = Dataverse()
        #expect(dataverse.ask("GET", "WhoAmI").status == 200)
        dataverse.pass(seconds: 3599)
        for _ in 0..<2 {
            let late = dataverse.ask("GET", "WhoAmI")
            #expect(late.status == 401 && late.headers.contains { $0.name == "WWW-Authenticate" })
        }
        dataverse.token = nil
        #expect(dataverse.ask("GET", "WhoAmI").status == 401)
    }

    @Test func privilegesCanBeTakenAway() {
        var dataverse = Dataverse()
        dataverse.instance.privileges.missing = [
            "prvReadOpportunity", "prvCreateSdkMessageProcessingStep", "prvReadUser",
        ]
        for path in [
            "opportunities", "opportunities/$count", "opportunities(\(Company.opportunity(1)))", "systemusers",
        ] {
            let answer = dataverse.ask("GET", path)
            #expect(answer.status == 403 && answer.code == "0x80040220", "\(path)")
        }
        #expect(dataverse.ask("GET", "opportunities").says.contains("is missing prvReadOpportunity privilege"))
        #expect(dataverse.ask("GET", "accounts").status == 200)
        let step = dataverse.ask("POST", "sdkmessageprocessingsteps", "{}")
        #expect(step.status == 403 && step.says.contains("prvCreateSdkMessageProcessingStep"))
    }

    static let writes: [(method: String, path: String, status: Int, says: String)] = [
        ("POST", "opportunities", 403, "prvCreateOpportunity"),
        ("PATCH", "opportunities(\(Company.opportunity(1)))", 403, "prvWriteOpportunity"),
        ("DELETE", "contacts(\(Company.contact(1)))", 403, "prvDeleteContact"),
        ("POST", "systemusers", 403, "prvCreateUser"), ("POST", "sdkmessages", 405, "'Create'"),
        ("DELETE", "asyncoperations(\(Company.contact(1)))", 405, "'Delete'"),
        ("PUT", "opportunities(\(Company.opportunity(1)))", 405, ""), ("DELETE", "opportunities", 405, ""),
        ("PATCH", "serviceendpoints", 405, ""), ("POST", "nothings", 404, "'nothings'"), ("POST", "$batch", 404, ""),
    ]

    @Test(arguments: writes) func peoplesTablesAreReadOnly(method: String, path: String, status: Int, says: String) {
        var dataverse = Dataverse()
        let version = dataverse.instance.book.version
        let answer = dataverse.ask(method, path, #"{"name": "x"}"#)
        #expect(answer.status == status && (says.isEmpty || answer.says.contains(says)), "\(answer.json)")
        #expect(dataverse.instance.book.version == version)
    }

    @Test func tooMuchIsTooMuch() {
        var dataverse = Dataverse {
            $0.limits = DataverseLimits(requests: 3, executionSeconds: 100, concurrentRequests: nil)
        }
        for left in [2, 1, 0] {
            let answer = dataverse.ask("GET", "WhoAmI")
            #expect(answer.status == 200)
            #expect(
                answer.headers.contains { $0 == ("x-ms-ratelimit-burst-remaining-xrm-requests", "\(left)") }
            )
        }
        dataverse.pass(seconds: 100)
        let refused = dataverse.ask("GET", "WhoAmI")
        #expect(refused.status == 429 && refused.code == "0x80072322")
        #expect(refused.headers.contains { $0 == ("Retry-After", "200") })
        dataverse.pass(seconds: 200)
        #expect(dataverse.ask("GET", "WhoAmI").status == 200)
    }

    @Test func timeAndCompanyAreLimitedToo() {
        var protection = ServiceProtection(DataverseLimits())
        #expect(protection.refusal(inFlight: 53, now: anytime)?.code == "0x80072326")
        let later = Timestamp(milliseconds: anytime.milliseconds + 1_201_000)
        protection.ended(began: anytime, now: later)
        #expect(protection.refusal(inFlight: 1, now: later)?.code == "0x80072321")
        let muchLater = Timestamp(milliseconds: later.milliseconds + 300_000)
        #expect(protection.refusal(inFlight: 52, now: muchLater) == nil)
    }

    @Test func faultsHappenOnRequest() {
        var dataverse = Dataverse()
        dataverse.instance.faults.add(DataverseFault(.error(code: "0x80072321"), path: "accounts"))
        dataverse.instance.faults.add(DataverseFault(.status(503), path: "accounts(id)", times: 2))
        dataverse.instance.faults.add(DataverseFault(.cutAfter, delaySeconds: 3))
        let limited = dataverse.ask("GET", "accounts")
        #expect(limited.status == 429 && limited.headers.contains { $0.name == "Retry-After" })
        for _ in 0..<2 { #expect(dataverse.ask("GET", "accounts(\(Company.account(1)))").status == 503) }
        let cut = dataverse.ask("GET", "accounts")
        #expect(cut.isCut && cut.delaySeconds == 3)
        #expect(dataverse.ask("GET", "accounts").status == 200)
        dataverse.instance.faults.add(DataverseFault(.garbage, delaySeconds: 2))
        let garbage = dataverse.ask("GET", "accounts")
        #expect(garbage.status == 200 && garbage.json == .null && garbage.delaySeconds == 2)
        #expect(dataverse.instance.measured.codes == ["0x80072321": 1])
    }
}
