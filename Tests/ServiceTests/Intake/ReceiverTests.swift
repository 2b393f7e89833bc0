import Configuration
import Coordination
import HTTPServer
import OnewayCore
import Store
import Testing
import Threads

/// The contract's table for `POST /dynamics/notifications`, row by row.
@Suite struct ReceiverTests {
    let bench: ReceiverBench

    init() throws { bench = try ReceiverBench() }

    @Test func whatIsAcceptedIsStoredAndARepetitionNamesTheFirst() async throws {
        let first = await bench.post(notification())
        #expect(first.status == 202)
        let taken = try members(of: first)
        #expect(taken["outcome"] as? String == "accepted")
        #expect((taken["reasons"] as? [Any]) != nil)
        let id = try #require(taken["notification"] as? String)

        let second = try members(of: await bench.post(notification()))
        #expect(second["outcome"] as? String == "duplicate")
        #expect(second["notification"] as? String == id)

        // One save can send two different Updates with the same operation id.
        let other = try members(of: await bench.post(notification(attributes: #"{"key":"name","value":"B"}"#)))
        #expect(other["outcome"] as? String == "accepted")
        // It is answered first.
        await bench.store.signal(.inbox).wait(after: 1, until: TimeSource.systemNow().adding(seconds: 120), .system)
        #expect(bench.store.signal(.inbox).count == 2)
        let items = try await bench.store.inbox(InboxFilter(), before: nil, limit: 10)
        #expect(items.count == 2)
        #expect(items.last?.id.description == id)
        let body = try await bench.store.body(of: try #require(items.last?.id))
        #expect(body == Array(notification().utf8))
    }

    @Test(arguments: [
        (notification(entity: "lead"), "follow"), (notification(message: "Retrieve"), "nothing"),
        (notification(message: "Assign", entity: "account"), "nothing"),
    ])
    func whatIsOfNoInterestIsIgnoredWithAReason(body: String, says: String) async throws {
        let answer = try members(of: await bench.post(body))
        #expect(answer["outcome"] as? String == "ignored")
        let reasons = try #require(answer["reasons"] as? [[String: Any]])
        #expect((reasons.first?["says"] as? String)?.contains(says) == true)
        #expect(bench.store.signal(.inbox).count == 0)
    }

    @Test(arguments: [
        (["contoso"], "accepted"), (["dddddddd-0000-0000-0000-00000000000d"], "accepted"),
        (["org.crm.dynamics.com"], "accepted"), (["fabrikam"], "ignored"),
    ])
    func onlyConfiguredOrganisationsAreHeard(organizations: [String], outcome: String) async throws {
        let bench = try ReceiverBench { $0.dynamics.organizations = organizations }
        let answer = await bench.post(notification(), ("x-ms-dynamics-organization", "org.crm.dynamics.com"))
        #expect(try members(of: answer)["outcome"] as? String == outcome)
    }

    @Test(
        arguments: [
            (nil, 202), ("application/json", 202), ("application/json; charset=utf-8", 202), ("APPLICATION/JSON", 202),
            ("application/problem+json", 202), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
            ("", 415),
            ("application/jsonp", 415),
        ] as [(String?, Int)]
    )
    func onlyJSONIsTaken(type: String?, status: Int) async throws {
        let answer =
            if let type { await bench.post(notification(), ("Content-Type", type)) } else {
                await bench.post(notification())
            }
        #expect(answer.status == status)
        if status == 415 {
            let problem = try members(of: answer)
            #expect(problem["code"] as? String == "not-json")
            #expect((problem["detail"] as? String)?.contains("-H 'Content-Type: application/json'") == true)
        }
    }

    @Test(arguments: [
        "", "{", "[]", "nonsense", "{}x", "{\"a\":\u{1}}", #"{"MessageName":"Create","MessageName":"Update"}"#,
    ])
    func aBodyThatIsNotAJSONObjectIsRefusedAndKept(body: String) async throws {
        let answer = await bench.post(body)
        #expect(answer.status == 400 || answer.status == 422)
        let problem = try members(of: answer)
        let item = try #require(try await bench.store.inbox(InboxFilter(), before: nil, limit: 10).first)
        #expect(problem["notification"] as? String == item.id.description)
        #expect(item.outcome == .quarantined)
        #expect(item.code == problem["code"] as? String)
        let again = await bench.post(body)
        #expect(again.status == answer.status)
        #expect(try await bench.store.inbox(InboxFilter(), before: nil, limit: 10).count == 1)
    }

    @Test func whatCannotBeActedOnIs422WithItsPlace() async throws {
        let broken = notification(attributes: #"{"key":"customerid","value":{"Id":"no guid","LogicalName":"account"}}"#)
        let answer = await bench.post(broken)
        #expect(answer.status == 422)
        let problem = try members(of: answer)
        #expect(problem["code"] as? String == "unusable")
        #expect((problem["pointer"] as? String)?.hasPrefix("/InputParameters/0/value/Attributes/0") == true)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("no guid"))
        let again = await bench.post(broken)
        #expect(again.status == 422)
        #expect(again.body == answer.body)
    }

    @Test func aSynchronousStepIsNotFailedForAnUnusableBody() async throws {
        let answer = await bench.post(notification(mode: 0, attributes: #"{"key":"customerid","value":{"Id":7}}"#))
        #expect(answer.status == 202)
        #expect(try members(of: answer)["outcome"] as? String == "quarantined")
    }

    @Test(arguments: [10, 20]) func r2BeforeTheOperationNothingIsAFact(stage: Int) async throws {
        let answer = try members(of: await bench.post(notification(mode: 0, stage: stage)))
        #expect(answer["outcome"] as? String == "checked")
        #expect(answer["notification"] as? String == nil)
        #expect(try await bench.store.inbox(InboxFilter(), before: nil, limit: 10).isEmpty)
    }

    // MARK: R2

    @Test(arguments: [nil, 1]) func r2anAsynchronousCreationIsRefusedAndRememberedAsAFact(mode: Int?) async throws {
        let body = notification(mode: mode, user: ReceiverBench.marketoUser)
        let answers = try await bench.running { [bench] in [await bench.post(body), await bench.post(body)] }
        #expect(answers.map(\.status) == [403, 403])
        #expect(try members(of: answers[0])["rule"] as? String == "R2")
        let items = try await bench.store.inbox(InboxFilter(), before: nil, limit: 10)
        #expect(items.map(\.outcome) == [.refused])
        let refusals = try await bench.store.refusals(before: nil, limit: 10)
        #expect(refusals.map(\.count) == [2])
        #expect(refusals.first?.who == ReceiverBench.marketoUser)
        #expect(refusals.first?.door == .marketoUser)
    }

    @Test(arguments: [10, 20, 40]) func r2aSynchronousCreationIsRefusedAndForgotten(stage: Int) async throws {
        let body = notification(mode: 0, stage: stage, user: ReceiverBench.marketoUser)
        let (answer, asked) = try await bench.running { [bench] in (await bench.post(body), await bench.ask(body)) }
        #expect(answer.status == 403 && asked.status == 403)
        #expect(try await bench.store.inbox(InboxFilter(), before: nil, limit: 10).isEmpty)
        #expect(try await bench.store.refusals(before: nil, limit: 10).map(\.count) == [2])
    }

    @Test func r2isDecidedFromTheEnvelopeWhateverTheTargetHolds() async throws {
        let broken = #"{"key":"customerid","value":{"Id":"no guid"}}"#
        let body = notification(mode: 0, user: ReceiverBench.marketoUser, attributes: broken)
        let answers = try await bench.running { [bench] in [await bench.post(body), await bench.ask(body)] }
        #expect(answers.map(\.status) == [403, 403])
    }

    @Test(arguments: [
        notification(message: "Update", user: ReceiverBench.marketoUser),
        notification(message: "Delete", user: ReceiverBench.marketoUser),
        notification(entity: "contact", user: ReceiverBench.marketoUser),
    ])
    func r2concernsCreationsOfOpportunitiesOnly(body: String) async throws {
        #expect(await bench.post(body).status == 202 || body.contains("Delete"))
        let asked = await bench.ask(body)
        #expect(try members(of: asked)["outcome"] as? String == "checked")
    }

    @Test(arguments: ["", "{", "[1]", "nonsense", notification(), notification(entity: "lead"), notification(mode: 0)])
    func r2TheGuardLetsEverythingElsePass(body: String) async throws {
        let answer = await bench.ask(body)
        #expect(answer.status == 202)
        #expect(try members(of: answer)["outcome"] as? String == "checked")
    }

    @Test func r2holdsWhileTheStoreIsDown() async throws {
        await bench.store.close()
        let answers = try await bench.running { [bench] in
            [
                await bench.ask(notification(mode: 0, user: ReceiverBench.marketoUser)),
                await bench.post(notification(user: ReceiverBench.marketoUser)),
                await bench.ask(notification()),
            ]
        }
        #expect(answers.map(\.status) == [403, 403, 202])
    }

    @Test func withoutAStoreTheAnswerIs503AndHonest() async throws {
        await bench.store.close()
        let answer = await bench.post(notification())
        #expect(answer.status == 503)
        #expect(try members(of: answer)["code"] as? String == "store-unavailable")
        #expect(answer.headers.contains { $0.name == "Retry-After" })
        // Ignoring a notification loses nothing.
        #expect(await bench.post(notification(entity: "lead")).status == 202)
    }
}
