import Coordination
import Forwarding
import OnewayCore
import Store

/// Finds out which of Oneway's records Marketo holds already, and under which id. Only reads.
struct Surveyor {
    /// Six forms of each id fill a call.
    static let recordsPerStep = 50

    let store: any StoreLeader
    var checker: Checker
    private(set) var items: [JSON] = []

    init(_ checker: Checker) { (store, self.checker) = (checker.store, checker) }

    mutating func survey(companies: [OutboxItem], _ adoption: inout Adoption) async throws {
        let ids = companies.compactMap { GUID($0.key.text) }
        let (key, name) = (RecordKind.company.identifyingField, "company")
        let found = try await texts(.company, ids)
        for id in ids {
            adoption.add(
                note(.company, id, found[id] ?? [], twice: .companiesTwice, other: .companiesInOtherForm)
                    ?? (found[id] == nil ? .companiesNew : .companiesMatching)
            )
        }
        // Under the same name, whatever the id.
        let names = Set(companies.compactMap { $0.text(name) }).sorted()
        let same = try await checker.records(.company, names, by: name, fields: [key, name])
        for record in same {
            let text = record[key]?.string ?? ""
            if GUID(text).map(ids.contains) ?? false { continue }
            if let id = GUID(text), try await store.outboxItem(DeliveryKey(.company, "\(id)")) != nil { continue }
            adoption.add(.companiesOfSameName)
            let says =
                text.isEmpty
                ? "a company of the same name has no externalCompanyId: Oneway's becomes another company"
                : "a company of the same name has an id that Oneway does not know: Oneway's becomes another company"
            item("same-name", .company, record[name]?.string ?? "", nil, [text], says)
        }
    }

    mutating func survey(opportunities: [OutboxItem], _ adoption: inout Adoption) async throws {
        let ids = opportunities.compactMap(\.opportunity)
        let found = try await texts(.opportunity, ids)
        for id in ids {
            adoption.add(
                note(.opportunity, id, found[id] ?? [], twice: .opportunitiesTwice, other: .opportunitiesInOtherForm)
                    ?? (found[id] == nil ? .opportunitiesNew : .opportunitiesMatching)
            )
        }
        try await surveyRoles(of: ids, &adoption)
    }

    /// Nil: at most once, and as Oneway writes it.
    private mutating func note(
        _ kind: RecordKind,
        _ id: GUID,
        _ texts: Set<String>,
        twice: Adoption.Count,
        other: Adoption.Count
    ) -> Adoption.Count? {
        let sorted = texts.sorted()
        if sorted.count > 1 {
            item("twice", kind, "\(id)", id, sorted, "Marketo holds it more than once")
            return twice
        }
        guard let text = sorted.first, let form = IDForm(text), form != .canonical else { return nil }
        let says = "Marketo has it \(form.words): it becomes double if Marketo tells these forms apart"
        item("other-form", kind, "\(id)", id, [text], says)
        return other
    }

    /// The ids under which Marketo has these records, as it writes them.
    private mutating func texts(_ kind: RecordKind, _ ids: [GUID]) async throws -> [GUID: Set<String>] {
        let key = kind.identifyingField
        let records = try await checker.records(kind, ids.flatMap(IDForm.all), by: key, fields: [key])
        var found: [GUID: Set<String>] = [:]
        for text in records.compactMap({ $0[key]?.string }) {
            if let id = GUID(text) { found[id, default: []].insert(text) }
        }
        return found
    }

    /// Roles of the people whom these opportunities need.
    private mutating func surveyRoles(of ids: [GUID], _ adoption: inout Adoption) async throws {
        var wanted: [String: [(opportunity: GUID, role: String)]] = [:]
        for (id, items) in try await store.outbox(of: ids) {
            for item in items where item.key.kind == .role && item.state.desired != nil {
                guard let role = item.key.role, let value = item.leadValue else { continue }
                wanted[value, default: []].append((id, role.name))
            }
        }
        if wanted.isEmpty { return }
        let leads = try await checker.leads(wanted.keys.sorted())
        adoption.add(.leadsFound, leads.count)
        adoption.add(.leadsMissing, wanted.count - leads.count)
        var names: [Int64: [(opportunity: GUID, role: String)]] = [:]
        for (value, ids) in leads {
            for lead in ids { names[lead, default: []] += wanted[value] ?? [] }
        }
        let held = try await checker.records(
            .role,
            names.keys.sorted().map { "\($0)" },
            by: "leadId",
            fields: HeldRole.fieldNames
        ).compactMap(HeldRole.init)
        let mirrored = try await store.records(
            Set(held.compactMap { GUID($0.opportunity) }).map { RecordKey(.opportunity, $0) }
        )
        var strangers: Set<String> = []
        for role in held {
            guard let id = GUID(role.opportunity), mirrored[RecordKey(.opportunity, id)] != nil else {
                strangers.insert(role.opportunity)
                continue
            }
            let own = (names[role.id.lead] ?? []).filter { $0.opportunity == id }.map(\.role)
            if own.isEmpty { continue }
            if own.contains(role.id.name) {
                adoption.add(.rolesMatching)
            } else {
                adoption.add(.rolesBeside)
                let key = "\(id)/\(role.id.lead)/\(role.id.name)"
                let says = "Oneway gives this lead the role \(own.sorted().joined(separator: ", ")), and this one stays"
                item("role-beside", .role, key, id, [role.opportunity], says)
            }
        }
        for text in strangers.sorted() {
            adoption.add(.opportunitiesOnlyInMarketo)
            let says = "a known lead has a role in it, and Oneway does not know it: it stays as it is"
            item("only-in-marketo", .opportunity, text, GUID(text), [text], says)
        }
    }

    private mutating func item(
        _ what: String,
        _ kind: RecordKind,
        _ key: String,
        _ opportunity: GUID?,
        _ texts: [String],
        _ says: String
    ) {
        items.append([
            "what": .string(what), "kind": .string(kind.rawValue), "key": .string(key),
            "opportunity": kind == .company ? .null : .optional(opportunity.map { "\($0)" }),
            "marketo": .array(texts.map(JSON.string)), "says": .string(says),
        ])
    }
}
