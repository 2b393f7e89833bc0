import Configuration
import OnewayCore
import Testing

@testable import Coordination
@testable import Sandbox
@testable import Service

/// From webhooks over real sockets to people and roles in Marketo, through a file that was written with the options off.
@Suite struct PeopleEndToEndTests {
    private typealias P = ProjectorTests

    /// Asks over and over: nothing tells when Marketo has something.
    private func until(_ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !isSo() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func post(_ body: Body, _ ports: App.Ports) async throws {
        let answer = try await AppTests.ask(
            "POST",
            ports.public,
            AppTests.door,
            String(decoding: body.bytes, as: UTF8.self)
        )
        #expect(answer.status == 202)
    }

    @Test func peopleBelongToTheirCompanyAndTheFormsContactHasARole() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await withSandbox { marketo, settings in
            let (colleague, stranger) = ("33330000-0000-0000-0000-000000000002", "33330000-0000-0000-0000-000000000003")
            let leads = [P.contact, colleague].map { marketo.seedLead(["externalPersonId": .string($0)]) }
            @Sendable func company(_ lead: Int) -> JSON? {
                marketo.book.record(.lead, "\(lead)")?.members["externalCompanyId"]
            }

            // Both options are off: an account-only opportunity, and the people of that account.
            try await AppTests.withApp(store: .sqlite(path: path), { $0.marketo = settings }) { ports in
                for contact in [P.contact, colleague, stranger] {
                    let account = Body.reference("account", P.account)
                    try await Self.post(P.contact(contact, "parentcustomerid", account), ports)
                }
                let customer = [
                    (key: "customerid", value: Body.reference("account", P.account)),
                    (key: "parentcontactid", value: Body.reference("contact", P.contact)),
                ]
                try await Self.post(P.opportunity(1, attributes: customer), ports)
                try await until { marketo.book.record(.opportunity, P.id(1)) != nil }
                #expect(leads.allSatisfy { company($0) == nil } && marketo.book.all(.role).isEmpty)
            }

            try await AppTests.withApp(
                store: .sqlite(path: path),
                { configuration in
                    configuration.marketo = settings
                    configuration.rules.linkPeopleToCompany = true
                    configuration.rules.roleForFormContact = "Main contact"
                }
            ) { ports in
                try await until { leads.allSatisfy { company($0) == .string(P.account) } }
                let role = "\(P.id(1))/\(leads[0])/Main contact"
                try await until { marketo.book.record(.role, role)?.members["isPrimary"] == false }
                #expect(marketo.book.all(.lead).count == 2, "nobody is created")

                let person = try await AppTests.ask("GET", ports.admin, "/api/outbox?kind=person&state=waiting")
                #expect(person.items.map { $0["key"] as? String } == [stranger])
                #expect(person.items.map { $0["waitingFor"] as? String } == ["lead"])
                let story = try await AppTests.ask("GET", ports.admin, "/api/opportunities/\(P.id(1))")
                let kinds = (story.members["items"] as? [[String: Any]] ?? []).compactMap { $0["kind"] as? String }
                #expect(kinds == ["opportunity", "company", "role", "person"])
                #expect(story.members["state"] as? String == "settled")
                let metrics = try await AppTests.ask("GET", ports.admin, "/metrics")
                #expect(metrics.body.contains(#"oneway_outbox_records{kind="person",stage="settled"} 2"#))
                for page in ["/", "/waiting?kind=person", "/opportunities/\(P.id(1))"] {
                    #expect(try await AppTests.ask("GET", ports.admin, page).status == 200, "\(page)")
                }
                let retried = try await AppTests.ask(
                    "POST",
                    ports.admin,
                    "/api/outbox/retry",
                    #"{"kind": "person", "key": "\#(P.contact.uppercased())"}"#
                )
                #expect(retried.members["retried"] as? Int == 1)

                // The contact moves to an account that an opportunity then names.
                try await Self.post(P.contactOf(P.other, second: 60), ports)
                let moved = [(key: "customerid", value: Body.reference("account", P.other))]
                try await Self.post(P.opportunity(2, attributes: moved), ports)
                try await until { company(leads[0]) == .string(P.other) }
                #expect(company(leads[1]) == .string(P.account))
            }
        }
    }
}
