import OnewayCore

/// The tables of the memory store, and how they are changed.
final class MemoryTables {
    let limits: StoreLimits
    private(set) var counters = Counters()
    private(set) var latest = InboxID(number: 0)
    var prunedTo = InboxID(number: 0)

    private(set) var inbox: [InboxID: InboxRow] = [:]
    private(set) var names: [[UInt8]: InboxID] = [:]
    /// Tests damage them.
    var bodies: [InboxID: PackedBody] = [:]
    private(set) var mirror: [RecordKey: MirrorRecord] = [:]
    private(set) var references: [RecordKey: Set<Reference>] = [:]
    private(set) var stale: [RecordKey: StaleRecord] = [:]
    private(set) var outbox: [DeliveryKey: OutboxItem] = [:]
    private(set) var groups: [OutboxGroup.Key: Int64] = [:]
    private(set) var refusals: [RefusalKey: RefusalItem] = [:]
    private(set) var leads: [String: RememberedLead] = [:]
    private(set) var notes: [String: [UInt8]] = [:]
    private(set) var jobs: [Job.Key: Job] = [:]
    private(set) var questions: [RecordKey: Question] = [:]
    /// Oldest first.
    private(set) var events: [(number: Int64, event: DeliveryEvent)] = []
    /// Who has something to do because of what changed since this was last emptied.
    var topics: Topics = []
    private let terms: LocalTerms

    init(_ limits: StoreLimits, _ terms: LocalTerms) { (self.limits, self.terms) = (limits, terms) }

    func check(_ term: Term) throws(StoreError) { try terms.check(term) }

    func save(_ changes: Changes) {
        for change in changes.inbox { save(change) }
        for (id, body) in changes.bodies { bodies[id] = body }
        for key in changes.removed { (mirror[key], references[key]) = (nil, nil) }
        for mirrored in changes.mirror {
            let key = mirrored.record.key
            mirror[key] = mirrored.record
            references[key] = (references[key] ?? []).subtracting(mirrored.removed).union(mirrored.added)
        }
        for change in changes.stale { Self.put(change, into: &stale, by: \.key) }
        for change in changes.outbox { Self.put(change, into: &outbox, by: \.key) }
        for (key, step) in OutboxGroup.deltas(of: changes.outbox) {
            let count = (groups[key] ?? 0) + step
            groups[key] = count == 0 ? nil : count
        }
        for change in changes.refusals { Self.put(change, into: &refusals, by: \.key) }
        for lead in changes.leads { leads[lead.value] = lead }
        for value in changes.forgottenLeads { leads[value] = nil }
        for (name, value) in changes.notes { notes[name] = value }
        for change in changes.jobs { Self.put(change, into: &jobs, by: \.key) }
        for change in changes.questions { Self.put(change, into: &questions, by: \.key) }
        save(events: changes)
        topics.formUnion(changes.topics)
        counters += changes.counted
    }

    private func save(events changes: Changes) {
        if changes.eventsForgottenTo != nil || !changes.forgottenEvents.isEmpty {
            events.removeAll { row in
                changes.forgottenEvents.contains { $0 == (row.event.subject, row.event.key) }
                    || changes.eventsForgottenTo.map { row.number <= $0 } ?? false
            }
        }
        for (index, event) in changes.events.enumerated() {
            events.append((counters[.eventsCame] + Int64(index) + 1, event))
        }
    }

    private func save(_ change: RowChange<InboxRow>) {
        Self.put(change, into: &inbox, by: \.id)
        if let row = change.after {
            names[row.identity] = row.id
            latest = max(latest, row.id)
        } else if let row = change.before {
            (names[row.identity], bodies[row.id]) = (nil, nil)
        }
    }

    private static func put<Key, Row>(_ change: RowChange<Row>, into table: inout [Key: Row], by key: (Row) -> Key) {
        if let row = change.after {
            table[key(row)] = row
        } else if let row = change.before {
            table[key(row)] = nil
        }
    }

    /// The counters and groups that disagree with the rows.
    var problems: [String] {
        var counted = Counters()
        for row in inbox.values { counted.count(RowChange(before: nil, after: row)) }
        let items = outbox.values.map { RowChange(before: nil, after: $0) }
        for item in items { counted.count(item) }
        for row in refusals.values { counted.count(RowChange(before: nil, after: row)) }
        for row in stale.values { counted.count(RowChange(before: nil, after: row)) }
        for row in questions.values { counted.count(RowChange(before: nil, after: row)) }
        for row in jobs.values { counted.count(RowChange(before: nil, after: row)) }
        let miscounted = counted.changes(since: counters).filter(\.countsRows).map { "the counter \($0.name) is wrong" }
        return miscounted + (groups == OutboxGroup.deltas(of: items) ? [] : ["the groups of the outbox are wrong"])
    }
}
