package import DataverseClient
package import OnewayCore

/// What a load will cost, as far as Dynamics says without reading everything.
package struct LoadPlan: Sendable {
    package var rows: [Entity: RowCount] = [:]
    /// About how many different contacts and accounts are named.
    package var contacts = 0
    package var accounts = 0
    package var roles = 0
    /// To Dynamics.
    package var requests = 0
    /// Values of some of the people by which Marketo finds its leads.
    package var people: [String] = []
    package var peopleWithoutValue = 0

    /// Calls to Marketo, if it holds nothing yet.
    package var calls: Int {
        let opportunities = rows[.opportunity]?.rows ?? 0
        return [accounts, opportunities, roles, contacts].reduce(0) { $0 + Self.pieces($1, MarketoBatches.recordsMax) }
    }

    static func pieces(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

/// Asks Dynamics for the numbers, and for a sample: a handful of requests.
package struct LoadPlanner: Sendable {
    /// Opportunities in the sample.
    static let sampleRows = 300

    let reader: TableReader
    let book: RuleBook

    package init(reader: TableReader, book: RuleBook) { (self.reader, self.book) = (reader, book) }

    package func plan(_ work: LoadWork) async -> DataverseOutcome<LoadPlan> {
        var plan = LoadPlan()
        do throws(DataverseFailure) {
            let all = try await reader.client.totals(Entity.reported).get()
            for entity in Entity.reported where work.reads(entity) {
                plan.rows[entity] = try await count(entity, work, all)
            }
            try await sample(work, all, &plan)
        } catch {
            return .failure(error)
        }
        plan.requests = requests(plan, work, all: plan.rows)
        return .success(plan)
    }

    /// Exact where Dynamics counts that far, else from its own statistics.
    private func count(
        _ entity: Entity,
        _ work: LoadWork,
        _ all: [Entity: Int]
    ) async throws(DataverseFailure) -> RowCount {
        let query = RowQuery(from: work.since, isOfStakeholders: entity == .connection)
        if work.since == nil, entity != .connection { return RowCount(rows: all[entity] ?? 0, isAtLeast: false) }
        let counted = try await reader.client.count(query, of: entity).get()
        guard counted.isAtLeast, work.since == nil, let all = all[entity] else { return counted }
        // Each is stored as two rows.
        return RowCount(rows: max(counted.rows, all / 2), isAtLeast: false)
    }

    private func sample(
        _ work: LoadWork,
        _ all: [Entity: Int],
        _ plan: inout LoadPlan
    ) async throws(DataverseFailure) {
        let opportunities = plan.rows[.opportunity]?.rows ?? 0
        guard work.reads(.opportunity), opportunities > 0 else { return }
        let query = RowQuery(from: work.since)
        let page = try await reader.page(query, nil, of: .opportunity, rowsMax: Self.sampleRows).get()
        let facts = reader.facts(page.rows.map { ($0, page.readAt) }).facts
        var named: [Entity: Set<GUID>] = [:]
        var customers: Set<GUID> = []
        for fact in facts {
            for reference in book.references(of: fact) {
                named[reference.to.entity, default: []].insert(reference.to.id)
            }
            if case .reference("contact", let id)? = fact["customerid"] { customers.insert(id) }
        }
        func scaled(_ count: Int, most: Int) -> Int {
            min(most, facts.isEmpty ? 0 : count * opportunities / facts.count)
        }
        plan.contacts = scaled(named[.contact]?.count ?? 0, most: all[.contact] ?? 0)
        plan.accounts = scaled(named[.account]?.count ?? 0, most: all[.account] ?? 0)
        let withCustomer = facts.count { if case .reference("contact", _)? = $0["customerid"] { true } else { false } }
        plan.roles = scaled(withCustomer, most: opportunities) + (plan.rows[.connection]?.rows ?? 0)
        try await people(Array((customers.isEmpty ? named[.contact] ?? [] : customers).sorted().prefix(300)), &plan)
    }

    private func people(_ ids: [GUID], _ plan: inout LoadPlan) async throws(DataverseFailure) {
        if ids.isEmpty { return }
        guard book.settings.leadColumn != RuleSettings.contactID else {
            plan.people = ids.map { "\($0)" }
            return
        }
        for (row, _) in try await reader.rows(ids, of: .contact).get().rows {
            if let value = row.columns[book.settings.leadColumn]?.leadValue {
                plan.people.append(value)
            } else {
                plan.peopleWithoutValue += 1
            }
        }
    }

    private func requests(_ plan: LoadPlan, _ work: LoadWork, all: [Entity: RowCount]) -> Int {
        let size = TableReader.rowsPerPage
        var requests = 1
        for entity in [Entity.opportunity, .connection] where work.reads(entity) {
            requests += max(1, LoadPlan.pieces(all[entity]?.rows ?? 0, size))
        }
        for (entity, named) in [(Entity.contact, plan.contacts), (.account, plan.accounts)] where work.reads(entity) {
            let rows = all[entity]?.rows ?? 0
            // Without opportunities, it is not known how many are named.
            requests +=
                work.since != nil || !work.reads(.opportunity) || named * 2 >= rows
                ? max(1, LoadPlan.pieces(rows, size)) : LoadPlan.pieces(named, DataverseClient.idsPerRequest)
        }
        return requests
    }
}
