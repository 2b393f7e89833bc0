import Foundation
import OnewayCore
import Testing
import Threads

@testable import Sandbox

/// Over real sockets.
@Suite struct ServerTests {
    @Test func anOpportunityWithAllThatBelongsToIt() async throws {
        try await withSandbox { marketo, visitor in
            let lead = marketo.seedLead(["externalPersonId": "p"])
            let company = await visitor.sync("companies", #"{"externalCompanyId": "c"}"#)
            #expect(company.short == ["created"] && company.result[0].members["id"] != nil)
            let made = await visitor.sync(
                "opportunities",
                #"{"externalOpportunityId": "o", "name": "N", "externalCompanyId": "c"}"#
            )
            #expect(made.short == ["created"] && made.result[0].members["marketoGUID"] != nil)
            #expect(made.json.members["success"] == true && made.json.members["requestId"] != nil)
            let role = await visitor.sync(
                "opportunities/roles",
                #"{"externalOpportunityId": "o", "leadId": \#(lead), "role": "R"}"#
            )
            #expect(role.short == ["created"])
            let seen = await visitor.ask("GET", "/sandbox/opportunities/o").json.members
            #expect(seen["opportunity"]?.members["name"] == "N")
            #expect(seen["company"]?.members["externalCompanyId"] == "c")
            let all = await visitor.ask("GET", "/sandbox").json.members
            #expect(all["roles"] == .array(marketo.book.all(.role)))

            let measured = marketo.measured
            #expect(measured.tokenRequests == 1 && measured.total == 3)
            #expect(measured.callsByPath == ["companies": 1, "opportunities": 1, "opportunities/roles": 1])
            #expect(measured.calls.allSatisfy { $0.status == 200 && $0.answered.map { $0 >= $0 } == true })
            let entries = marketo.history.of(.opportunity, "o")
            #expect(entries.map(\.status) == ["created"] && entries[0].state?.members["name"] == "N")
        }
    }

    @Test func queriesComeInAllTheirForms() async throws {
        try await withSandbox { marketo, visitor in
            _ = await visitor.sync("companies", #"{"externalCompanyId": "a b"}, {"externalCompanyId": "c+d"}"#)
            let get = await visitor.rest("GET", "companies.json?filterType=externalCompanyId&filterValues=a%20b,c%2Bd")
            let form = "filterType=externalCompanyId&filterValues=a+b,c%2Bd"
            let asked = await visitor.ask(
                "POST",
                "/rest/v1/companies.json?_method=GET",
                form,
                contentType: "application/x-www-form-urlencoded; charset=utf-8"
            )
            let inBody = await visitor.ask(
                "POST",
                "/rest/v1/companies.json",
                "_method=GET&" + form,
                contentType: "application/x-www-form-urlencoded"
            )
            let json = await visitor.rest(
                "POST",
                "companies.json?_method=GET",
                #"{"filterType": "dedupeFields", "input": [{"externalCompanyId": "a b"}, {"externalCompanyId": "c+d"}]}"#
            )
            for heard in [get, asked, inBody, json] {
                #expect(heard.result.compactMap { $0.members["externalCompanyId"]?.shown } == ["a b", "c+d"])
            }
            #expect(Set(marketo.measured.calls.dropFirst(2).map(\.method)) == ["GET"])
            #expect(marketo.measured.calls.dropFirst(1).allSatisfy { $0.records == 2 })
        }
    }

    @Test func tokensAreGivenToThoseWhoKnowTheSecret() async throws {
        try await withSandbox { marketo, visitor in
            let wrong = await visitor.ask("GET", Visitor.tokenPath + "wrong")
            #expect(wrong.status == 401 && wrong.json.members["error"] == "invalid_client")
            let unknown = await visitor.ask("GET", "/identity/oauth/token?grant_type=client_credentials&client_id=x")
            #expect(unknown.status == 401 && unknown.json.members["error"] == "unauthorized")
            let odd = await visitor.ask("GET", "/identity/oauth/token?grant_type=password")
            #expect(odd.status == 400)
            let form = await visitor.ask(
                "POST",
                "/identity/oauth/token",
                "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox-secret",
                contentType: "application/x-www-form-urlencoded"
            )
            #expect(form.json.members["access_token"]?.shown == visitor.token, "the same until it expires")
            #expect(marketo.measured.total == 0)

            var other = visitor
            other.token = nil
            #expect(await other.rest("GET", "leads/describe.json").code == "603")
            let old = await other.rest("GET", "leads/describe.json?access_token=\(visitor.token ?? "")")
            #expect(old.code == nil && !old.result.isEmpty)
            marketo.expireToken()
            #expect(await visitor.rest("GET", "leads/describe.json").code == "602")
            #expect(await visitor.rest("GET", "leads/describe.json").code == "601")
            other.token = "made-up"
            #expect(await other.rest("GET", "leads/describe.json").code == "601")
        }
    }

    static let refused: [(method: String, path: String, body: String?, type: String?, code: String)] = [
        ("GET", "/rest/v1/nothing.json", nil, nil, "610"),
        ("GET", "/rest/v1//opportunities.json", nil, nil, "610"),
        ("GET", "/rest/v1/opportunities", nil, nil, "610"),
        ("GET", "/elsewhere", nil, nil, "610"),
        ("PUT", "/rest/v1/opportunities.json", "{}", "application/json", "605"),
        ("GET", "/rest/v1/opportunities/delete.json", nil, nil, "605"),
        ("POST", "/rest/v1/opportunities/describe.json", "{}", "application/json", "605"),
        ("POST", "/rest/v1/opportunities.json", "{}", "text/plain", "612"),
        ("POST", "/rest/v1/opportunities.json", "{}", nil, "612"),
        ("POST", "/rest/v1/opportunities.json", "{}", "application/x-www-form-urlencoded", "612"),
        ("POST", "/rest/v1/opportunities.json", "{", "application/json", "609"),
        ("POST", "/rest/v1/opportunities.json", "[]", "application/json; charset=utf-8", "609"),
        ("POST", "/rest/v1/opportunities.json", "{}", "application/json", "1002"),
        ("GET", "/rest/v1/opportunities.json", nil, nil, "701"),
    ]

    @Test func whatMarketoWouldRefuseIsRefused() async throws {
        try await withSandbox { _, visitor in
            for (method, path, body, type, code) in Self.refused {
                let heard = await visitor.ask(method, path, body, contentType: type)
                #expect(heard.status == 200 && heard.code == code, "\(method) \(path) \(body ?? "") \(type ?? "")")
                #expect(heard.json.members["success"] == false && heard.json.members["requestId"] != nil)
            }
        }
    }

    @Test func sizesAreThoseOfMarketo() async throws {
        try await withSandbox { marketo, visitor in
            let body = #"{"input": [{"externalCompanyId": "c"}]}"#
            for (bytes, status) in [(1 << 20, 200), (1 << 20 + 1, 413)] {
                let padded = body + String(repeating: " ", count: bytes - body.utf8.count)
                let heard = await visitor.rest("POST", "companies.json", padded)
                #expect(heard.status == status)
            }
            let query = "/rest/v1/companies.json?filterType=externalCompanyId&filterValues="
            for (bytes, status) in [(8 << 10, 200), (8 << 10 + 1, 414)] {
                let path = query + String(repeating: "a", count: bytes - query.utf8.count)
                let heard = await visitor.ask("GET", path)
                #expect(heard.status == status)
            }
            #expect(marketo.measured.calls.dropFirst().map(\.status) == [200, 413, 200, 414])
            #expect(marketo.measured.mostAtOnce == 1)
        }
    }

    @Test func limitsHoldAndCanBeChanged() async throws {
        let limits = SandboxLimits(callsPer20Seconds: 3, concurrentCalls: 10, callsPerDay: nil)
        // All calls are made within 20 seconds, and on one day.
        try await withSandbox(at: Timestamp(second: 1_772_442_000), { $0.limits = limits }) { marketo, visitor in
            for expected in [nil, nil, nil, "606"] {
                #expect(await visitor.rest("GET", "companies/describe.json").code == expected)
            }
            #expect(marketo.measured.mostBegunIn20Seconds == 4)
            marketo.set(SandboxLimits(callsPer20Seconds: nil, concurrentCalls: nil, callsPerDay: 4))
            #expect(await visitor.rest("GET", "companies/describe.json").code == "607")
            marketo.set(.off)
            #expect(await visitor.rest("GET", "companies/describe.json").code == nil)
        }
    }

    @Test func aRequestBeyondTheLimitIsRefused() async throws {
        try await withSandbox({ $0.limits.concurrentCalls = 2 }) { marketo, visitor in
            marketo.add(Fault(.none, times: 2, delaySeconds: 200))
            for _ in 0..<2 { Task { await visitor.rest("GET", "companies/describe.json") } }
            while marketo.measured.total < 2 { try await Task.sleep(for: .milliseconds(2)) }
            let third = await visitor.rest("GET", "companies/describe.json")
            #expect(third.code == "615")
            #expect(marketo.measured.mostAtOnce == 3)
            // The sandbox stops now, which ends the delay: the test does not wait for 200 seconds.
        }
    }

    @Test func usageAndErrorsAreReported() async throws {
        try await withSandbox { _, visitor in
            _ = await visitor.sync("companies", "{}")
            let usage = await visitor.rest("GET", "stats/usage.json")
            #expect(usage.result.first?.members["total"] == 2)
            let errors = await visitor.rest("GET", "stats/errors/last7days.json")
            #expect(errors.result.first?.members["total"] == 1)
            let lead = await visitor.rest("GET", "lead/7.json")
            #expect(lead.result.isEmpty && lead.json.members["success"] == true)
        }
    }
}
