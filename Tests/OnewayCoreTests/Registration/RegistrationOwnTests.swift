import Testing

@testable import OnewayCore

/// Which webhooks are Oneway's, which get the key, and how values are read.
@Suite struct RegistrationOwnTests {
    private typealias Plan = RegistrationPlanTests

    @Test func aWebhookIsRecognizedByAddressAndThenByName() throws {
        func pending(_ webhooks: FoundWebhook...) throws -> [String] {
            let plan = try RegistrationPlan(Plan.plain, found: webhooks)
            return plan.pending.filter { $0.table == .endpoint }.flatMap { action in
                ["\(action.kind.rawValue) \(action.name)\(action.sendsKey ? " +key" : "")"]
                    + action.changes.map(\.says)
            }
        }
        let (here, there) = (Plan.url, "https://old.test/dynamics/notifications")
        #expect(try pending(Environment.webhook(1, "Oneway", here)) == [])
        #expect(try pending(Environment.webhook(1, "by hand", here)) == ["change Oneway", "name: by hand -> Oneway"])
        #expect(
            try pending(Environment.webhook(1, "Oneway", there)) == ["change Oneway +key", "url: \(there) -> \(here)"]
        )
        let two = try pending(Environment.webhook(1, "Oneway", there), Environment.webhook(2, "Oneway", here))
        #expect(two == [], "the other one is another Oneway's")
        let twice = try pending(Environment.webhook(1, "by hand", here), Environment.webhook(2, "Oneway", here))
        #expect(twice == ["remove by hand"], "everything would arrive twice")
        let keyed = try pending(Environment.webhook(1, "Oneway", here + "/?code=never-shown"))
        #expect(keyed == ["change Oneway +key", "url: \(here)/?... -> \(here)"])
        let asGuard = Environment.webhook(1, "Oneway", Plan.guardURL)
        #expect(try RegistrationPlan(Plan.plain, found: [asGuard]).actions.first?.kind == .create)
        #expect(throws: AmbiguousWebhook(name: "Oneway", urls: ["https://a.test", there])) {
            try pending(Environment.webhook(1, "Oneway", there), Environment.webhook(2, "Oneway", "https://a.test"))
        }
    }

    @Test func aKeyInAnAddressIsNotShown() throws {
        let webhooks = ["a", "b"].enumerated().map {
            Environment.webhook(UInt64($0.offset), "Oneway", "https://\($0.element).test/?code=never-shown")
        }
        let plan = try RegistrationPlan(Plan.plain, found: [webhooks[0]])
        let json = plan.actions.map { String(decoding: $0.json.encoded, as: UTF8.self) }.joined()
        #expect(json.contains(#""from":"https://a.test/?...""#) && !json.contains("never-shown"))
        #expect(throws: AmbiguousWebhook(name: "Oneway", urls: ["https://a.test", "https://b.test"])) {
            try RegistrationPlan(Plan.plain, found: webhooks)
        }
    }

    @Test func aKeyIsSentOnlyIfItHasTo() throws {
        var webhooks = try Plan.registered().webhooks
        func keyed(sendsKey: Bool = false) throws -> [Bool] {
            try RegistrationPlan(Plan.plain, found: webhooks, sendsKey: sendsKey).pending.map(\.sendsKey)
        }
        #expect(try keyed() == [])
        #expect(try keyed(sendsKey: true) == [true])
        webhooks[0].isKeySet = false
        #expect(try keyed() == [true])
        webhooks[0].isKeySet = true
        webhooks[0].values["authtype"] = .number(4)
        #expect(try keyed() == [true], "another kind needs another form of it")
    }

    @Test func theGuardIsLeftAloneUnlessAskedFor() throws {
        let both = try Plan.registered(Plan.both).webhooks
        let plan = try RegistrationPlan(Plan.plain, found: both)
        let (isDone, arms) = (plan.isDone, plan.arms)
        #expect(isDone && !arms)
        #expect(plan.actions.last.map { [$0.kind.rawValue, $0.name] } == ["leave", "Oneway guard"])
        let guards = ["https://a.test", "https://b.test"].enumerated().map {
            Environment.webhook(UInt64($0.offset), "Oneway guard", $0.element)
        }
        #expect(try RegistrationPlan([Plan.plain[1]], found: guards).actions.isEmpty)
        let only = try RegistrationPlan([.untouched(.data, url: nil), .absent(.guarding, url: nil)], found: both)
        #expect(only.pending.allSatisfy { $0.role == .guarding && $0.kind == .remove } && only.pending.count == 2)
        #expect(!only.arms)
    }

    @Test func valuesAreReadAsDynamicsWritesThem() throws {
        let row = try JSONDocument(Array(#"{"a": "b,a, B", "f": null, "n": 40, "t": "x", "s": ""}"#.utf8)).root
        #expect(RegistrationValue(row["a"], .columns) == .columns(["a", "b"]))
        #expect(
            RegistrationValue(row["s"], .columns) == .columns([]) && RegistrationValue(row["f"], .flag) == .flag(false)
        )
        #expect(RegistrationValue(row["n"], .number) == .number(40) && RegistrationValue(row["f"], .number) == .empty)
        #expect(RegistrationValue(row["t"], .text) == .text("x") && RegistrationValue(row["f"], .text) == .empty)
        #expect(RegistrationValue.columns(["a", "b"]).json == "a,b" && RegistrationValue.columns([]).json == .null)
    }
}
