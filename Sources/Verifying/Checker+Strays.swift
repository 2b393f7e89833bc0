import Coordination
import DataverseClient
import OnewayCore
import Store

// R2's third door: opportunities in Marketo that Dynamics does not have. Marketo lists none without a value to search by,
// so they are found through the people and companies that Oneway knows, and not all of them.
extension Checker {
    /// Those in which the known leads of these opportunities have a role.
    mutating func strays(leads: Set<Int64>) async throws -> Checked {
        if leads.isEmpty { return Checked() }
        let roles = try await records(
            .role,
            leads.sorted().map { "\($0)" },
            by: "leadId",
            fields: HeldRole.fieldNames
        ).compactMap(HeldRole.init)
        return try await judge(Set(roles.map(\.opportunity)), "a known lead has a role in it")
    }

    /// Those of these companies, if Marketo can search by that.
    mutating func strays(companies: [String]) async throws -> Checked {
        let field = RecordKind.company.identifyingField
        guard !companies.isEmpty, try await fields(.opportunity).searchable.contains(field) else { return Checked() }
        let key = RecordKind.opportunity.identifyingField
        let found = try await records(.opportunity, companies, by: field, fields: [key])
        return try await judge(Set(found.compactMap { $0[key]?.string }), "a known company has it")
    }

    /// `ids` are opportunities' ids as Marketo writes them.
    private mutating func judge(_ ids: Set<String>, _ found: String) async throws -> Checked {
        var checked = Checked()
        let byID = Dictionary(grouping: ids) { GUID($0) }
        for text in (byID[nil] ?? []).sorted() {
            checked.suspects.append(stray(text, nil, "its id is none of Dynamics'; \(found)"))
        }
        let known = byID.keys.compactMap(\.self)
        let mirrored = try await store.records(known.map { RecordKey(.opportunity, $0) })
        let outbox = try await store.outbox(of: known)
        let unknown = known.filter { mirrored[RecordKey(.opportunity, $0)] == nil && outbox[$0]?.isEmpty != false }
        let existing = try await dynamics?.existing(unknown.sorted()) ?? []
        checked.untold += existing.count
        let says = dynamics == nil ? "no notification was ever about it" : "Dynamics does not have it"
        for id in unknown.sorted() where !existing.contains(id) {
            for text in (byID[id] ?? []).sorted() { checked.suspects.append(stray(text, id, "\(says); \(found)")) }
        }
        checked.add(try await doubles(byID, known.filter { !unknown.contains($0) || existing.contains($0) }))
        return checked
    }

    /// Known opportunities that Marketo holds a second time, under an id that is written differently.
    private mutating func doubles(_ byID: [GUID?: [String]], _ known: [GUID]) async throws -> Checked {
        var checked = Checked()
        let odd = known.filter { id in (byID[id] ?? []).contains { $0 != "\(id)" } }.sorted()
        if odd.isEmpty { return checked }
        let key = RecordKind.opportunity.identifyingField
        // Where Marketo ignores case it is the same record, and comes with the same text.
        let same = Set(
            try await records(.opportunity, odd.map { "\($0)" }, by: key, fields: [key]).compactMap { $0[key]?.string }
        )
        for id in odd {
            for text in (byID[id] ?? []).sorted() where text != "\(id)" && !same.contains(text) {
                checked.suspects.append(stray(text, id, "the same opportunity as \(id), written in another form"))
            }
        }
        return checked
    }

    private func stray(_ text: String, _ id: GUID?, _ says: String) -> Suspect {
        let finding = Finding(.superfluous, .opportunity, text, of: id, .marketo, says: says)
        return Suspect(finding: finding, owner: nil, remedy: .none)
    }
}
