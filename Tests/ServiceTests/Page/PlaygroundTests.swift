import Coordination
import Foundation
import HTTPClient
import OnewayCore
import Sandbox
import TestSupport
import Testing
import Threads

@testable import oneway

/// The demo's page, as a browser without scripts uses it: over real sockets, between the stand-ins, with the webhooks of
/// the steps that are registered there.
@Suite struct PlaygroundTests {
    private static let opportunity = Company.opportunity(2)

    private struct Visitor: Sendable {
        let world: DemoWorld
        let port: Int

        func page(_ opportunity: GUID = PlaygroundTests.opportunity) async throws -> String {
            let answer = try await AppTests.ask("GET", port, "/?opportunity=\(opportunity)")
            #expect(answer.status == 200)
            return answer.body
        }

        /// Presses a button.
        func press(
            _ action: PlaygroundAction,
            _ fields: [(name: String, value: String)] = [],
            _ opportunity: GUID? = PlaygroundTests.opportunity
        ) async throws -> AppTests.Answer {
            let own = opportunity.map { [(name: "opportunity", value: "\($0)")] } ?? []
            return try await AppTests.ask("POST", port, action.rawValue, PercentEncoding.query(own + fields))
        }

        func save(_ stage: String) async throws {
            let answer = try await press(.save, [("name", "Quay lighting"), ("stepname", stage)])
            #expect(answer.status == 303, "\(answer.body)")
        }

        /// Waits until Marketo's stand-in, or the page, is as expected.
        func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(120)
            while try await !isSo() {
                guard ContinuousClock.now < deadline else { throw Failed(says: "not \(what): \(try await page())") }
                // Both are other programs to the page, which asks again in the same way.
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        func marketoHas(_ field: String, _ value: String, _ opportunity: GUID = PlaygroundTests.opportunity) -> Bool {
            world.marketo.book.record(.opportunity, "\(opportunity)").map { DemoTable.Members($0)[field] } == value
        }
    }

    private static func visit(_ body: @escaping @Sendable (Visitor) async throws -> Void) async throws {
        try await DemoWorld.run(.free) { world in
            let playground = Playground(world)
            let port = try playground.start()
            try await running(playground.run, playground.stop) { try await body(Visitor(world: world, port: port)) }
        }
    }

    @Test func aChangeInDynamicsArrivesInMarketo() async throws {
        try await Self.visit { visitor in
            let before = try await visitor.page()
            #expect(before.contains("Nobody has told Oneway") && before.contains("Marketo does not have this"))
            try await visitor.save("3-Propose")
            try await visitor.until("in Marketo") { visitor.marketoHas("stage", "3-Propose") }
            try await visitor.until("on the page") {
                let page = try await visitor.page()
                return page.contains("<bdi>Update of opportunity</bdi>: accepted")
                    && page.contains("<code>opportunities</code> <bdi>3-Propose</bdi>: created") && page.contains("R5b")
            }
            let sent = visitor.world.dataverse.deliveries.count
            try await visitor.save("3-Propose")
            await visitor.world.dataverse.waitUntilDelivered()
            #expect(visitor.world.dataverse.deliveries.count == sent, "what did not change is not sent")

            let created = try await visitor.press(
                .create,
                [("name", "Ferry"), ("customerid", "contact \(Company.contact(8))")]
            )
            #expect(created.status == 303)
            let shown = try #require(created.head.firstMatch(of: /opportunity=([-0-9a-f]{36})/)?.1)
            let id = try #require(GUID(String(shown)))
            try await visitor.until("created") { visitor.marketoHas("name", "Ferry", id) }
            #expect(try await visitor.press(.win, [], id).status == 303)
            try await visitor.until("won") { visitor.marketoHas("isWon", "true", id) }
        }
    }

    @Test func marketoGoesAwayAndComesBack() async throws {
        try await Self.visit { visitor in
            try await visitor.save("3-Propose")
            try await visitor.until("there") { visitor.marketoHas("stage", "3-Propose") }
            #expect(try await visitor.press(.breakMarketo).status == 303)
            try await visitor.save("4-Close")
            try await visitor.until("away") {
                let page = try await visitor.page()
                return page.contains("backing-off 608") && page.contains(": refused with 608")
            }
            #expect(visitor.marketoHas("stage", "3-Propose"))
            _ = try await visitor.press(.healMarketo)
            _ = try await visitor.press(.retry)
            try await visitor.until("healed") { visitor.marketoHas("stage", "4-Close") }
        }
    }

    @Test func aLostNotificationIsReadFromDynamics() async throws {
        try await Self.visit { visitor in
            try await visitor.save("3-Propose")
            try await visitor.until("there") { visitor.marketoHas("stage", "3-Propose") }
            _ = try await visitor.press(.dropWebhooks)
            try await visitor.save("4-Close")
            await visitor.world.dataverse.waitUntilDelivered()
            #expect(visitor.world.dataverse.deliveries.last?.isDropped == true)
            let page = try await visitor.page()
            #expect(page.contains("Oneway was not told") && page.contains("Notifications are lost."))
            #expect(try await visitor.press(.read).status == 303)
            try await visitor.until("healed") { visitor.marketoHas("stage", "4-Close") }
            _ = try await visitor.press(.sendWebhooks)
            try await visitor.save("2-Develop")
            try await visitor.until("told again") { visitor.marketoHas("stage", "2-Develop") }
            #expect(try await !visitor.page().contains("Oneway was not told"))
        }
    }

    @Test func aRoleWaitsForItsLead() async throws {
        try await Self.visit { visitor in
            try await visitor.save("3-Propose")
            #expect(try await visitor.press(.addStranger).status == 303)
            try await visitor.until("waiting") {
                try await visitor.page().contains(">waiting</span> <bdi>for the lead")
            }
            #expect(visitor.world.marketo.book.all(.role).isEmpty)
            _ = try await visitor.press(.createLeads)
            _ = try await visitor.press(.retry)
            try await visitor.until("healed") { !visitor.world.marketo.book.all(.role).isEmpty }
            #expect(try await visitor.page().contains("Noa Newcomer"))
        }
    }

    /// R2: the stand-in's own webhook is refused.
    @Test func whatMarketosUserCreatesIsRefused() async throws {
        try await Self.visit { visitor in
            let id = try await visitor.world.dataverse.create(
                "opportunity",
                ["name": "Came back"],
                .init(user: Company.marketoUser)
            )
            await visitor.world.dataverse.waitUntilDelivered()
            #expect(visitor.world.dataverse.deliveries.last?.statuses == [403])
            let page = try await visitor.page(id)
            #expect(page.contains("chip refused") && page.contains("Marketo does not have this opportunity."))
        }
    }

    @Test func foreignTextStaysText() async throws {
        let hostile = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;"
        try await Self.visit { visitor in
            _ = try await visitor.press(.save, [("name", hostile)])
            try await visitor.until("in Marketo") { visitor.marketoHas("name", hostile) }
            for page in [
                try await visitor.page(),
                try await AppTests.ask("GET", visitor.port, "/?opportunity=%22%3E%3Cscript%3E&did=%3Cscript%3E").body,
                try await visitor.press(.save, [("name", "x"), ("customerid", "<script>alert(1)</script>")]).body,
            ] {
                #expect(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>") && !page.contains("<img"))
            }
        }
    }

    @Test func whatIsWrongIsSaidAndOtherSitesAreRefused() async throws {
        try await Self.visit { visitor in
            for (fields, says) in [
                ([("name", "")], "The opportunity needs a name."),
                ([("name", "x"), ("estimatedvalue", "much")], "Dynamics: "),
                ([("name", "x"), ("customerid", "account 1")], "The customer is not one of the list."),
            ] {
                let answer = try await visitor.press(.save, fields)
                #expect(answer.status == 400 && answer.body.contains(says), "\(says)")
            }
            #expect(try await visitor.press(.win, [], nil).status == 400)
            let cross = ["Sec-Fetch-Site": "cross-site"]
            #expect(try await AppTests.ask("POST", visitor.port, "/actions/retry", "", cross).status == 403)
            #expect(try await AppTests.ask("GET", visitor.port, "/actions/retry").status == 405)
            #expect(try await AppTests.ask("GET", visitor.port, "/else").status == 404)
            for path in ["/assets/page.css", "/assets/page.js", "/assets/icon.svg", "/assets/playground.css"] {
                #expect(try await AppTests.ask("GET", visitor.port, path).status == 200)
            }
        }
    }
}
