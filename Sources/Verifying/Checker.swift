import Applying
import Coordination
import Forwarding
import OnewayCore
import Store

/// Compares some opportunities, or some companies, on both sides.
///
/// What differs is compared once more from the beginning, and is reported if the same difference is found again and the
/// outbox has not changed meanwhile.
struct Checker {
    let store: any StoreLeader
    let projector: Projector
    /// Nil: what Oneway was told stands for Dynamics.
    let dynamics: DynamicsReader?
    var marketo: MarketoReader

    mutating func check(opportunities ids: [GUID]) async throws -> Checked {
        var checked = try await pass(ids)
        if checked.suspects.isEmpty { return checked }
        let again = try await pass(Set(checked.suspects.compactMap(\.owner)).sorted())
        try await keep(again.suspects, in: &checked)
        return checked
    }

    mutating func check(companies items: [OutboxItem]) async throws -> Checked {
        var checked = try await pass(companies: items)
        if checked.suspects.isEmpty { return checked }
        let keys = Set(checked.suspects.map(\.finding.key))
        var fresh: [OutboxItem] = []
        for item in items where keys.contains(item.key.text) {
            if let item = try await store.outboxItem(item.key) { fresh.append(item) }
        }
        try await keep(try await pass(companies: fresh).suspects, in: &checked)
        return checked
    }

    /// Leaves out what was not found again, and what only shows that the rules have not been applied yet to what Oneway
    /// was told.
    private func keep(_ again: [Suspect], in checked: inout Checked) async throws {
        let (before, found) = (checked.suspects.count, Set(checked.suspects.map(\.finding)))
        let owners = Set(again.filter { $0.finding.cause == .dynamics }.compactMap(\.owner)).sorted()
        let projected = try await projector.expected(of: owners).values.joined()
        let told = Dictionary(projected.map { ($0.key, $0.desired.record) }) { first, _ in first }
        checked.suspects = again.filter { found.contains($0.finding) && !$0.finding.follows(from: told) }
        let changing = before - checked.suspects.count
        checked.tally.changing += changing
        checked.tally.compared -= min(changing, checked.tally.compared)
    }
}

// MARK: Opportunities

extension Checker {
    private mutating func pass(_ ids: [GUID]) async throws -> Checked {
        let before = try await store.outbox(of: ids)
        let facts = try await dynamics?.facts(about: ids) ?? DynamicsReader.Facts()
        let expected = try await projector.expected(of: ids, given: facts.records)
        var comparisons: [GUID: OpportunityComparison] = [:]
        var companies: [DeliveryKey: (DesiredRecord, owner: GUID)] = [:]
        for id in ids {
            var comparison = OpportunityComparison(id)
            comparison.before = byKey((before[id] ?? []).filter { $0.key.kind != .company })
            for record in expected[id] ?? [] {
                if record.key.kind == .company {
                    companies[record.key] = (record, id)
                } else if !record.key.kind.isShared {
                    comparison.expected[record.key] = record
                }
            }
            comparisons[id] = comparison
        }
        try await readOpportunities(&comparisons)
        try await readLeads(&comparisons)
        var checked = try await check(onlyNamedInDynamics: companies)
        let after = try await store.outbox(of: ids)
        for (id, comparison) in comparisons.sorted(by: { $0.key < $1.key }) {
            var comparison = comparison
            comparison.after = byKey((after[id] ?? []).filter { $0.key.kind != .company })
            let result = comparison.result
            checked.tally.add(result.tally)
            for finding in result.findings {
                let remedy = try await remedy(finding, id, facts)
                checked.suspects.append(Suspect(finding: finding, owner: id, remedy: remedy))
            }
        }
        return checked
    }

    private func byKey(_ items: [OutboxItem]) -> [DeliveryKey: OutboxItem] {
        Dictionary(items.map { ($0.key, $0) }) { first, _ in first }
    }

    private mutating func readOpportunities(_ comparisons: inout [GUID: OpportunityComparison]) async throws {
        let (ids, key) = (comparisons.keys.sorted().map { "\($0)" }, RecordKind.opportunity.identifyingField)
        let fields = try await fields(.opportunity)
        let names = Set(comparisons.values.flatMap(\.fieldNames)).filter { fields.byName[$0] != nil }
        for record in try await records(.opportunity, ids, by: key, fields: [key] + names.subtracting([key]).sorted()) {
            guard let id = record[key]?.string.flatMap({ GUID($0) }) else { continue }
            comparisons[id]?.opportunity = record
        }
        for record in try await records(.role, ids, by: key, fields: HeldRole.fieldNames) {
            guard let role = HeldRole(record), let id = GUID(role.opportunity) else { continue }
            comparisons[id]?.roles.append(role)
        }
        for id in comparisons.keys { comparisons[id]?.fields = fields }
    }

    /// Roles that only Dynamics tells of have no lead yet.
    private mutating func readLeads(_ comparisons: inout [GUID: OpportunityComparison]) async throws {
        var wanted: [(opportunity: GUID, key: DeliveryKey, value: String)] = []
        for (id, comparison) in comparisons {
            for (key, record) in comparison.expected
            where key.kind == .role && comparison.before[key]?.state.lead == nil {
                guard let role = record.desired.record, comparison.before[key]?.state.stage ?? .settled == .settled,
                    let value = key.leadValue(in: role)
                else { continue }
                wanted.append((id, key, value))
            }
        }
        let found = try await leads(Set(wanted.map(\.value)).sorted())
        for (id, key, value) in wanted where found[value]?.count == 1 {
            comparisons[id]?.leads[key] = found[value]?.first
        }
    }

    private func remedy(_ finding: Finding, _ id: GUID, _ facts: DynamicsReader.Facts) async throws -> Suspect.Remedy {
        if finding.cause == .dynamics {
            return .ask(try await projector.dependencies(of: [id], given: facts.records))
        }
        return finding.what == .superfluous ? .none : .send(DeliveryKey(finding.kind, finding.key))
    }
}

// MARK: Companies

extension Checker {
    private mutating func pass(companies items: [OutboxItem]) async throws -> Checked {
        let ids = items.compactMap { GUID($0.key.text) }
        let facts = try await dynamics?.facts(aboutAccounts: ids) ?? []
        let expected = try await projector.expectedCompanies(ids, given: facts)
        let (fields, held) = try await heldCompanies(ids)
        var checked = Checked()
        for item in items {
            guard let id = GUID(item.key.text) else { continue }
            let after = try await store.outboxItem(item.key)
            // One that must not exist is none of Oneway's: companies are never deleted.
            let wanted = item.state.desired == nil ? nil : expected[id]
            let company = CompanyComparison(
                expected: wanted,
                before: item,
                after: after,
                held: held[id],
                fields: fields
            )
            checked.tally.add(company.tally)
            guard let finding = company.finding else { continue }
            let remedy: Suspect.Remedy =
                finding.cause == .marketo ? .send(item.key) : .ask([RecordKey(.account, id)])
            checked.suspects.append(Suspect(finding: finding, owner: nil, remedy: remedy))
        }
        return checked
    }

    /// Companies that follow from Dynamics, and that Oneway has not been told of.
    private mutating func check(
        onlyNamedInDynamics companies: [DeliveryKey: (DesiredRecord, owner: GUID)]
    ) async throws -> Checked {
        var checked = Checked()
        if dynamics == nil { return checked }
        var unknown: [DeliveryKey: (DesiredRecord, owner: GUID)] = [:]
        for (key, company) in companies where try await store.outboxItem(key) == nil { unknown[key] = company }
        if unknown.isEmpty { return checked }
        let (fields, held) = try await heldCompanies(unknown.keys.compactMap { GUID($0.text) })
        for (key, (record, owner)) in unknown.sorted(by: { $0.key < $1.key }) {
            guard let id = GUID(key.text) else { continue }
            let company = CompanyComparison(expected: record, held: held[id], fields: fields)
            checked.tally.add(company.tally)
            guard let finding = company.finding else { continue }
            let remedy = Suspect.Remedy.ask([RecordKey(.opportunity, owner), RecordKey(.account, id)])
            checked.suspects.append(Suspect(finding: finding, owner: owner, remedy: remedy))
        }
        return checked
    }

    private mutating func heldCompanies(_ ids: [GUID]) async throws -> (MarketoFields, [GUID: JSONValue]) {
        let (fields, key) = (try await fields(.company), RecordKind.company.identifyingField)
        let found = try await records(.company, ids.map { "\($0)" }, by: key, fields: [key, "company"])
        let pairs = found.compactMap { record in record[key]?.string.flatMap { GUID($0) }.map { ($0, record) } }
        return (fields, Dictionary(pairs) { first, _ in first })
    }
}

// MARK: Marketo

extension Checker {
    mutating func fields(_ kind: RecordKind) async throws -> MarketoFields {
        do throws(MarketoObstacle) { return try await marketo.fields(kind) } catch { throw Obstacle(error) }
    }

    mutating func records(
        _ kind: RecordKind,
        _ values: [String],
        by field: String,
        fields: [String]
    ) async throws -> [JSONValue] {
        do throws(MarketoObstacle) {
            return try await marketo.records(kind, values, by: field, fields: fields)
        } catch { throw Obstacle(error) }
    }

    mutating func leads(_ values: [String]) async throws -> [String: Set<Int64>] {
        do throws(MarketoObstacle) { return try await marketo.leads(values) } catch { throw Obstacle(error) }
    }
}
