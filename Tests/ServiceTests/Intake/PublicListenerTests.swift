import Configuration
import Foundation
import HTTPServer
import OnewayCore
import Store
import Telemetry
import Testing
import Threads

@testable import Intake

@Suite struct PublicListenerTests {
    @Test(arguments: [
        ("GET", "/dynamics/notifications", "", 405, "method-not-allowed"),
        ("PUT", "/dynamics/notifications/", "?code=right", 405, "method-not-allowed"),
        ("GET", "/dynamics/guard", "", 405, "method-not-allowed"),
        ("POST", "/healthz", "", 405, "method-not-allowed"),
        ("DELETE", "/openapi.yaml", "", 405, "method-not-allowed"),
        ("GET", "/", "", 404, "not-found"),
        ("POST", "/dynamics", "", 404, "not-found"),
        ("POST", "/dynamics/notifications//", "", 404, "not-found"),
        ("POST", "/dynamics/Notifications", "", 404, "not-found"),
        ("POST", "/dynamics%2Fnotifications", "", 404, "not-found"),
        ("GET", "/healthz/", "", 404, "not-found"),
        ("GET", "/marketoX", "", 404, "not-found"),
        ("POST", "/dynamics/notifications", "", 401, "unauthorized"),
        ("POST", "/dynamics/guard", "", 401, "unauthorized"),
    ])
    func aHeadAloneDecides(method: String, path: String, query: String, status: Int, code: String) throws {
        guard case .answer(let response) = try listener().admit(head(method, path, query: query)) else {
            Issue.record("\(method) \(path) was let in")
            return
        }
        #expect(response.status == status)
        let problem = try members(of: response)
        #expect(problem["code"] as? String == code)
        #expect(problem["status"] as? Int == status)
        #expect(response.headers.first?.value == "application/problem+json")
        let allow = response.headers.first { $0.name == "Allow" }?.value
        #expect((allow != nil) == (status == 405))
        #expect((response.headers.contains { $0.name == "WWW-Authenticate" }) == (status == 401))
    }

    @Test(arguments: ["GET", "HEAD"]) func whatIsReadCanBeProbed(method: String) throws {
        for path in ["/healthz", "/readyz", "/openapi.yaml"] {
            guard case .answer(let response) = try listener().admit(head(method, path)) else {
                Issue.record("\(path) needs no body")
                return
            }
            #expect(response.status == 200)
        }
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"])
    func r2MarketoIsRefusedWhateverItSends(method: String) throws {
        for path in ["/marketo", "/marketo/", "/marketo/opportunities/1"] {
            guard case .answer(let response) = try listener().admit(head(method, path)) else {
                Issue.record("\(method) \(path) was let in")
                return
            }
            #expect(response.status == 403)
            let problem = try members(of: response)
            #expect(problem["code"] as? String == "one-way")
            #expect(problem["rule"] as? String == "R2")
        }
    }

    @Test(arguments: [
        ("code=a-key-of-a-decent-length", [], true),
        ("code=the-next-key-for-rotation", [], true),
        ("x=1&code=wrong&code=a-key-of-a-decent-length", [], true),
        ("code=a%2Dkey%2Dof%2da%2ddecent-length", [], true),
        ("pass=query+key/=", [], true),
        ("pass=query%2Bkey%2F%3D", [], true),
        ("code=query+key/=", [], false),
        ("pass=query%20key/=", [], false),
        ("code=", [], false),
        ("code", [], false),
        ("code=a-key-of-a-decent-lengt", [], false),
        ("code=a-key-of-a-decent-lengthh", [], false),
        ("CODE=a-key-of-a-decent-length", [], false),
        ("code=a-key-of-a-decent-length%", [], false),
        ("", ["header-key-one"], true),
        ("", ["wrong", "header-key-two"], true),
        ("", ["header-key-three"], false),
        ("", ["a-key-of-a-decent-length"], false),
    ])
    func anyOfTheConfiguredKeysIsEnough(query: String, headers: [String], admitted: Bool) throws {
        let head = RequestHead(
            id: "r",
            method: "POST",
            path: "/dynamics/notifications",
            query: query,
            headers: Headers(headers.map { (name: "X-Oneway-Key", value: $0) })
        )
        switch try listener().admit(head) {
        case .receive: #expect(admitted)
        case .answer(let response): #expect(!admitted && response.status == 401)
        }
    }

    @Test func anonymousMeansAnybodyUnlessThereAreKeys() throws {
        func admits(_ listener: PublicListener) -> Bool {
            if case .receive = listener.admit(head("POST", "/dynamics/guard")) { true } else { false }
        }
        let withoutKeys = try listener {
            $0 = Configuration().dynamics
            $0.anonymous = true
        }
        #expect(admits(withoutKeys))
        let withKeys = try listener { $0.anonymous = true }
        #expect(!admits(withKeys))
    }

    @Test func r2TheGuardNeverFailsASaveForReasonsOfOurs() throws {
        for refusal in [HTTPRefusal.tooLarge, .overloaded, .draining, .timedOut] {
            #expect(try listener().refuse(refusal, head("POST", "/dynamics/guard")).status == 202)
            #expect(try listener().refuse(refusal, head("POST", "/dynamics/notifications")).status >= 400)
        }
        #expect(try listener().refuse(.malformed("x"), head("POST", "/dynamics/guard")).status == 400)
    }

    @Test(arguments: [
        (HTTPRefusal.malformed("what"), 400, "bad-request"), (.tooLarge, 413, "too-large"),
        (.overloaded, 503, "overloaded"),
        (.draining, 503, "draining"), (.timedOut, 503, "overloaded"),
    ])
    func theServersRefusalsHaveTheContractsCodes(refusal: HTTPRefusal, status: Int, code: String) throws {
        let response = try listener().refuse(refusal, head("POST", "/dynamics/notifications"))
        #expect(response.status == status)
        #expect(try members(of: response)["code"] as? String == code)
        #expect(response.headers.contains { $0.name == "Retry-After" } == (status == 503))
    }

    private func listener(_ change: (inout Configuration.Dynamics) -> Void = { _ in }) throws -> PublicListener {
        var dynamics = Configuration().dynamics
        dynamics.keys = [Secret("a-key-of-a-decent-length"), Secret("the-next-key-for-rotation")]
        dynamics.headers = ["x-oneway-key": [Secret("header-key-one"), Secret("header-key-two")]]
        dynamics.query = ["pass": [Secret("query+key/=")]]
        change(&dynamics)
        let bench = try ReceiverBench()
        let readiness = Readiness(store: MemoryStore())
        readiness.set(.starting, false)
        return PublicListener(
            authenticator: Locked(Authenticator(dynamics)),
            receiver: bench.receiver,
            readiness: readiness,
            bodyBytesMax: 1000,
            metrics: bench.metrics,
            log: bench.receiver.log
        )
    }
}

func head(_ method: String, _ path: String, query: String = "") -> RequestHead {
    RequestHead(id: "r", method: method, path: path, query: query, contentLength: nil)
}

func members(of response: Response) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
}
