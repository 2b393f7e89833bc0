import Configuration
import Foundation
import OnewayCore
import Store
import TestSupport
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// Random changes and faults; Marketo ends up with exactly the desired state.
@Suite(.serialized) struct ChaosTests {
    /// `make prove-trouble` uses more seeds than a test run has time for.
    static let seeds = 0..<(ProcessInfo.processInfo.environment["ONEWAY_TROUBLE_SEEDS"].flatMap(UInt64.init) ?? 8)

    /// The desired state, by opportunity and by contact.
    private struct Wanted {
        var opportunities: [Int: (name: String, company: Int?, owner: JSON)] = [:]
        var roles: [Role: Bool] = [:]
        var mails: [Int: Int] = [:]

        struct Role: Hashable { let opportunity, contact: Int; let name: String }
    }

    private static func mail(_ number: Int) -> String { "\(number)@b.example" }

    private static func desired(_ role: Wanted.Role, _ isPrimary: Bool, _ wanted: Wanted) -> DesiredRecord {
        .role(role.opportunity, contact: role.contact, role.name, isPrimary: isPrimary)
            .found(by: mail(wanted.mails[role.contact] ?? 0))
    }

    /// One change, and the desired records that follow.
    private static func change(_ wanted: inout Wanted, _ random: inout Seeded, _ step: Int) -> [DesiredRecord] {
        let (opportunity, contact) = (Int.random(in: 0..<5, using: &random), Int.random(in: 0..<4, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            let company = Bool.random(using: &random) ? Int.random(in: 50..<53, using: &random) : nil
            let person = Bool.random(using: &random) ? Int.random(in: 60..<63, using: &random) : nil
            let owner = person.map { JSON.string("\(GUID.number($0))") } ?? .null
            wanted.opportunities[opportunity] = ("step \(step)", company, owner)
            let email = "\(step)@b.example"
            return (company.map { [.company($0)] } ?? []) + (person.map { [.salesPerson($0, email: email)] } ?? []) + [
                .opportunity(
                    opportunity,
                    name: "step \(step)",
                    company: company,
                    .init("externalSalesPersonId", owner)
                )
            ]
        case 4..<7:
            guard wanted.opportunities[opportunity] != nil else { return [] }
            let name = Bool.random(using: &random) ? "Customer" : "Stakeholder"
            let role = Wanted.Role(opportunity: opportunity, contact: contact, name: name)
            guard wanted.roles[role] == nil else {
                wanted.roles[role] = nil
                return [desired(role, true, wanted).gone]
            }
            let isPrimary = Bool.random(using: &random)
            wanted.roles[role] = isPrimary
            return [desired(role, isPrimary, wanted)]
        case 7..<9:
            wanted.mails[contact] = Int.random(in: 0..<3, using: &random)
            return wanted.roles.filter { $0.key.contact == contact }.map { desired($0.key, $0.value, wanted) }
        default:
            guard wanted.opportunities.removeValue(forKey: opportunity) != nil else { return [] }
            let roles = wanted.roles.keys.filter { $0.opportunity == opportunity }
            for role in roles { wanted.roles[role] = nil }
            return [.opportunity(opportunity).gone] + roles.map { desired($0, true, wanted).gone }
        }
    }

    /// Faults in which Marketo does not lie: it says that something does not exist (1004, 1013) in answer to a deletion
    /// only if that is true.
    private static func fault(_ random: inout Seeded) -> Fault {
        func pick<Choice>(_ choices: [Choice]) -> Choice { choices[Int.random(in: 0..<choices.count, using: &random)] }
        let code = pick(["500", "502", "602", "604", "606", "608", "611", "613", "615", "1003", "1006", "1022", "9999"])
        let kind: Fault.Kind = pick([
            .error(code: code), .record(code: code, key: nil, inErrors: false),
            .record(code: code, key: nil, inErrors: true), .status(502), .cutBefore, .cutAfter, .garbage, .short(by: 1),
            .none,
        ])
        let paths = [
            "opportunities", "opportunities/roles", "opportunities/delete", "opportunities/roles/delete", "leads",
            "salespersons",
        ]
        return Fault(
            kind,
            path: pick(paths + [nil]),
            times: Int.random(in: 1...3, using: &random),
            delaySeconds: pick([0, 0.02])
        )
    }

    @Test(arguments: seeds) func marketoAlwaysEndsUpWithTheDesiredState(seed: UInt64) async throws {
        try await ForwardingRig.run(speed: 1_000, { $0.marketo.lead.field = "email" }, options: .unlimited) { rig in
            var (random, wanted) = (Seeded(seed), Wanted())
            let leads = (0..<3).map { rig.marketo.seedLead(["email": .string(Self.mail($0))]) }
            for step in 0..<120 {
                if Int.random(in: 0..<3, using: &random) == 0 { rig.marketo.add(Self.fault(&random)) }
                try await rig.want(Self.change(&wanted, &random, step))
                if Int.random(in: 0..<4, using: &random) == 0 {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 1...20, using: &random)))
                }
            }
            rig.marketo.clearFaults()
            try await rig.asWanted()
            let owners = wanted.opportunities.mapValues(\.owner)
            try await rig.until("each has its owner, seed \(seed)") {
                owners.allSatisfy { id, owner in
                    rig.held(.opportunity, "\(GUID.number(id))")?["externalSalesPersonId"] ?? .null == owner
                }
            }
            try await rig.asWanted()
            try Self.compare(rig, wanted, leads, "seed \(seed)")
        }
    }

    private static func compare(_ rig: ForwardingRig, _ wanted: Wanted, _ leads: [Int], _ seed: String) throws {
        let held = rig.marketo.book[.opportunity].all.map(\.values)
        let names = Dictionary(uniqueKeysWithValues: held.map { ($0["externalOpportunityId"], $0["name"]) })
        let expected = Dictionary(
            uniqueKeysWithValues: wanted.opportunities.map {
                (JSON.string("\(GUID.number($0.key))"), JSON.string($0.value.name))
            }
        )
        #expect(names == expected, "\(seed)")
        let companies = Dictionary(
            uniqueKeysWithValues: wanted.opportunities.compactMap { number, opportunity in
                opportunity.company.map { (JSON.string("\(GUID.number(number))"), JSON.string("\(GUID.number($0))")) }
            }
        )
        for record in held {
            // A company that was left out is not cleared: the rules would send a null.
            guard let id = record["externalOpportunityId"], let company = companies[id] else { continue }
            #expect(record["externalCompanyId"] == company, "\(seed)")
        }
        var roles: [RoleKey: Bool] = [:]
        for (role, isPrimary) in wanted.roles {
            let lead = leads[wanted.mails[role.contact] ?? 0]
            let key = RoleKey(opportunity: "\(GUID.number(role.opportunity))", lead: Int64(lead), role: role.name)
            roles[key] = roles[key, default: false] || isPrimary
        }
        var heldRoles: [RoleKey: Bool] = [:]
        for record in rig.marketo.book.all(.role) {
            let key = try #require(RoleKey(JSONDocument(record.encoded).root))
            heldRoles[key] = try JSONDocument(record.encoded).root["isPrimary"]?.bool ?? false
        }
        let (there, asWanted) = (heldRoles.map { "\($0.key) \($0.value)" }, roles.map { "\($0.key) \($0.value)" })
        #expect(Set(there).subtracting(asWanted) == [], "\(seed): Marketo has more")
        #expect(Set(asWanted).subtracting(there) == [], "\(seed): Marketo lacks")
    }
}
