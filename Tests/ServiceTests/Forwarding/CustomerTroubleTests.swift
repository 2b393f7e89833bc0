import Foundation
import OnewayCore
import Store
import Telemetry
import TestSupport
import Testing

@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// Customers change, in any order, while calls to Marketo fail: Marketo ends up with the account and the role that a
/// model of the rules derives from the same messages.
@Suite(.serialized) struct CustomerTroubleTests {
    /// `make prove-trouble` uses more seeds than a test run has time for.
    static let seeds = 0..<(ProcessInfo.processInfo.environment["ONEWAY_TROUBLE_SEEDS"].flatMap(UInt64.init) ?? 8)
    private static let accounts = [GUID.number(50), GUID.number(51)]
    private static let contacts = [GUID.number(60), GUID.number(61)]
    private static let opportunities = 0..<6

    @Test(arguments: seeds) func marketoAlwaysEndsUpWithTheCustomer(seed: UInt64) async throws {
        try await ForwardingRig.run(speed: 1_000, options: .unlimited) { rig in
            for contact in Self.contacts { rig.marketo.seedLead(["externalPersonId": .string("\(contact)")]) }
            let projector = Projector(store: rig.store, book: RuleBook(RuleSettings()))
            let applier = Applier(
                store: rig.store.leader,
                policy: ApplierTests.policy,
                rules: projector.add,
                rest: projector.followUp,
                now: rig.time.now,
                log: Log(level: .error, format: .json, sink: { _ in })
            )
            var random = Seeded(seed)
            let known = CustomerHistory.random(accounts: Self.accounts, contacts: Self.contacts, using: &random)
                .accounts
            let histories = Self.opportunities.map { _ in
                var history = CustomerHistory.random(accounts: Self.accounts, contacts: Self.contacts, using: &random)
                history.accounts = known
                return history
            }
            for body in Self.bodies(histories, known).shuffled(using: &random) {
                if random.chance(4) { rig.marketo.add(Self.fault(&random)) }
                let entry = InboxEntry(
                    identity: NotificationIdentity(body: body, envelope: try? Envelope.peek(body)).bytes,
                    InboxLabels(.accepted),
                    body: body
                )
                _ = try await rig.store.append(entry, now: rig.time.now())
                while try await applier.applyNext() {}
                // Earlier changes are delivered, or still in flight when the next one arrives.
                if random.chance(3) {
                    try await rig.until("sent") { try await rig.store.status().outbox(.pending) == 0 }
                }
            }
            rig.marketo.clearFaults()
            try await rig.asWanted()
            for (number, history) in zip(Self.opportunities, histories) {
                #expect(
                    try Self.held(rig, number) == CustomerExpectation(history),
                    "seed \(seed), opportunity \(number): \(history)"
                )
            }
        }
    }

    private static func bodies(_ histories: [CustomerHistory], _ known: [GUID: GUID?]) -> [[UInt8]] {
        let start = Body().second
        let told = zip(opportunities, histories).flatMap { number, history in
            history.messages.map { message in
                Body(
                    message: message.isCreate ? "Create" : "Update",
                    id: "\(GUID.number(number))",
                    attributes: [("name", "\"Pumps\"")] + attributes(message),
                    second: start + message.second
                ).bytes
            }
        }
        return told
            + known.map { contact, account in
                let value = account.map { Body.reference("account", "\($0)") } ?? "null"
                return Body(entity: "contact", id: "\(contact)", attributes: [("parentcustomerid", value)]).bytes
            }
    }

    private static func attributes(_ message: CustomerHistory.Message) -> [(key: String, value: String)] {
        var attributes: [(key: String, value: String)] = []
        switch message.customer {
        case .account(let id): attributes.append(("customerid", Body.reference("account", "\(id)")))
        case .contact(let id): attributes.append(("customerid", Body.reference("contact", "\(id)")))
        case .empty: attributes.append(("customerid", "null"))
        case nil: break
        }
        if let account = message.account {
            attributes.append(("parentaccountid", account.map { Body.reference("account", "\($0)") } ?? "null"))
        }
        if let contact = message.contact {
            attributes.append(("parentcontactid", contact.map { Body.reference("contact", "\($0)") } ?? "null"))
        }
        return attributes
    }

    /// Faults in which Marketo does not lie about its records.
    private static func fault(_ random: inout Seeded) -> Fault {
        let code = random.pick(["502", "602", "604", "606", "608", "611", "615", "1003"])
        let kind: Fault.Kind = random.pick([
            .error(code: code), .record(code: code, key: nil, inErrors: false), .status(502), .cutBefore, .cutAfter,
        ])
        return Fault(kind, path: random.pick(["opportunities", "opportunities/roles", nil]), times: 1)
    }

    private static func held(_ rig: ForwardingRig, _ number: Int) throws -> CustomerExpectation {
        let opportunity = try #require(rig.held(.opportunity, "\(GUID.number(number))"))
        var account: GUID?
        if case .string(let id)? = opportunity["externalCompanyId"] { account = GUID(id) }
        let leads = rig.roles(of: number).compactMap { role -> JSON? in role["leadId"] }
        #expect(leads.count <= 1)
        let role = try contacts.first { contact in
            guard let lead = leads.first else { return false }
            let found = rig.marketo.book[.lead].records("externalPersonId", "\(contact)").first
            return try #require(found).values["id"] == lead
        }
        return CustomerExpectation(account: account, role: role)
    }
}
