import Configuration
import Foundation
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Service

/// The promise as a whole: whatever goes wrong on the way, in the end Marketo holds what is wanted, and nothing else.
@Suite(.serialized) struct ConvergenceTests {
    static let (opportunities, companies, contacts) = (1...4, 1...2, 1...4)

    /// `make prove-trouble` asks for more than a test run has time for.
    static let seeds = ProcessInfo.processInfo.environment["ONEWAY_TROUBLE_SEEDS"].flatMap(UInt64.init) ?? 4

    @Test(arguments: 1...seeds) func afterAnyTroubleMarketoHoldsWhatIsWanted(seed: UInt64) async throws {
        try await ForwardingRig.run(speed: 400, { $0.marketo.lead.field = "email" }, options: .unlimited) { rig in
            var random = Shuffler(state: seed)
            var wanted = Wanted()
            var leads: [Int: JSON] = [:]
            for contact in Self.contacts where leads[Person.of(contact)] == nil {
                let lead = rig.marketo.seedLead(["email": .string(Person.email(contact))])
                leads[Person.of(contact)] = .int(Int64(lead))
            }
            for _ in 0..<60 {
                if Int.random(in: 0..<2, using: &random) == 0 { rig.marketo.add(.random(using: &random)) }
                if Int.random(in: 0..<15, using: &random) == 0 { rig.marketo.expireToken() }
                try await rig.want(wanted.change(using: &random))
                if Int.random(in: 0..<3, using: &random) == 0 {
                    // Something is under way, or has come back, when the next change comes.
                    let sent = rig.marketo.measured.total
                    try await rig.until("another call") {
                        let status = try await rig.store.status()
                        return rig.marketo.measured.total > sent || status.outbox(.pending) == 0
                    }
                }
            }
            rig.marketo.clearFaults()
            try await rig.until("settled, seed \(seed)") {
                if try await rig.store.retry(.all, now: rig.time.now()) > 0 { rig.forwarding.tryNow() }
                let status = try await rig.store.status()
                return DeliveryState.Stage.allCases.allSatisfy { $0 == .settled || status.outbox($0) == 0 }
            }
            for opportunity in Self.opportunities {
                let held = rig.held(.opportunity, "\(GUID.number(opportunity))")
                #expect(held?["name"] == wanted.names[opportunity].map { .string($0) }, "seed \(seed)")
                let holders = rig.roles(of: opportunity).compactMap { $0["leadId"] }
                let expected = wanted.people(of: opportunity).compactMap { leads[$0] }
                #expect(holders.count == expected.count, "seed \(seed), opportunity \(opportunity)")
                #expect(Set(holders) == Set(expected), "seed \(seed), opportunity \(opportunity)")
            }
        }
    }
}

/// The last two contacts are one lead in Marketo.
private enum Person {
    static func of(_ contact: Int) -> Int { min(contact, 3) }
    static func email(_ contact: Int) -> String { "person\(of(contact))@b.example" }
}

/// What the rules would want of a few opportunities.
private struct Wanted {
    private(set) var names: [Int: String] = [:]
    private var contacts: [Int: Set<Int>] = [:]
    private var edits = 0

    func people(of opportunity: Int) -> Set<Int> { Set((contacts[opportunity] ?? []).map(Person.of)) }

    mutating func change(using random: inout Shuffler) -> [OutboxWish] {
        let opportunity = ConvergenceTests.opportunities.randomElement(using: &random) ?? 1
        let all = ConvergenceTests.contacts.map {
            OutboxWish.role(opportunity, contact: $0, isPrimary: $0 == 1).found(by: Person.email($0))
        }
        edits += 1
        if Int.random(in: 0..<4, using: &random) == 0 {
            (names[opportunity], contacts[opportunity]) = (nil, nil)
            return [OutboxWish.opportunity(opportunity).gone] + all.map(\.gone)
        }
        let chosen = Set(ConvergenceTests.contacts.filter { _ in Bool.random(using: &random) })
        let company = ConvergenceTests.companies.randomElement(using: &random) ?? 1
        let name = "edit \(edits)"
        (names[opportunity], contacts[opportunity]) = (name, chosen)
        return [.company(company), .opportunity(opportunity, name: name, company: company)]
            + zip(ConvergenceTests.contacts, all).map { chosen.contains($0) ? $1 : $1.gone }
    }
}

extension Fault {
    /// All that a call may meet, at any of the calls that write, and at the one that finds leads.
    fileprivate static func random(using random: inout Shuffler) -> Fault {
        let paths = [
            "companies", "opportunities", "opportunities/roles", "opportunities/delete", "opportunities/roles/delete",
            "leads",
        ]
        let path = paths.randomElement(using: &random) ?? "leads"
        var codes = ["502", "601", "602", "604", "606", "607", "608", "611", "615", "713", "1005", "9999"]
        // Of a deletion these say that nothing is there, which would be a lie.
        if !path.hasSuffix("delete") { codes += ["1004", "1013"] }
        let code = codes.randomElement(using: &random) ?? "502"
        let kinds: [Kind] = [
            .error(code: code), .record(code: code, key: nil, inErrors: Bool.random(using: &random)), .status(502),
            .status(413), .cutBefore, .cutAfter, .garbage, .short(by: 1),
        ]
        let kind = kinds.randomElement(using: &random) ?? .cutAfter
        return Fault(kind, path: path, times: Int.random(in: 1...3, using: &random))
    }
}
