import OnewayCore

extension MemoryTables: Rows {
    func inbox(identities: [[UInt8]]) -> [InboxRow] { Set(identities).compactMap { names[$0].flatMap { inbox[$0] } } }

    func inbox(_ ids: [InboxID]) -> [InboxRow] { Set(ids).compactMap { inbox[$0] } }

    func inbox(after id: InboxID, limit: Int) -> [InboxRow] {
        Array(inbox.values.filter { $0.id > id }.sorted { $0.id < $1.id }.prefix(limit))
    }

    func givingWay(_ outcome: Outcome, covering surplus: Surplus) -> [InboxRow] {
        var surplus = surplus
        let all = inbox.values.filter { $0.givesWay && $0.item.outcome == outcome }.sorted { $0.id < $1.id }
        return Array(all.prefix { surplus.takes($0) })
    }

    func mirrored(_ keys: [RecordKey]) -> Set<RecordKey> { Set(keys.filter { mirror[$0] != nil }) }

    func references(of keys: [RecordKey]) -> [RecordKey: Set<Reference>] {
        Dictionary(keys.map { ($0, references[$0] ?? []) }, uniquingKeysWith: { first, _ in first })
    }

    func stale(_ keys: [RecordKey]) -> [StaleRecord] { Set(keys).compactMap { stale[$0] } }

    func outbox(_ keys: [DeliveryKey]) -> [OutboxItem] { Set(keys).compactMap { outbox[$0] } }

    func outbox(ofEach opportunities: Set<GUID>) -> [OutboxItem] {
        outbox.values.filter { $0.opportunity.map(opportunities.contains) ?? false }
    }

    func due(_ kind: RecordKind, limit: Int, now: Timestamp) -> [OutboxItem] {
        let due = outbox.values.filter { $0.key.kind == kind && $0.state.isDue(now) }
        let sorted = due.sorted {
            ($0.state.lane, $0.state.nextAttemptAt ?? now, $0.place)
                < ($1.state.lane, $1.state.nextAttemptAt ?? now, $1.place)
        }
        return Array(sorted.prefix(limit))
    }

    func claimed() -> [OutboxItem] { outbox.values.filter(\.state.isClaimed) }

    func waiting(on keys: [DeliveryKey], limit: Int) -> [OutboxItem] {
        let keys = Set(keys)
        return Array(outbox.values.filter { $0.state.waitsOn.map(keys.contains) ?? false }.prefix(limit))
    }

    func refusals(_ keys: [RefusalKey]) -> [RefusalItem] { Set(keys).compactMap { refusals[$0] } }

    func refusals(of opportunity: GUID) -> [RefusalItem] { refusals.values.filter { $0.opportunity == opportunity } }

    func oldestRefusals(_ limit: Int) -> [RefusalItem] {
        Array(refusals.values.sorted { $0.number < $1.number }.prefix(limit))
    }

    func jobs(_ keys: [Job.Key]) -> [Job] { Set(keys).compactMap { jobs[$0] } }

    func runningJobs(_ kind: Job.Kind) -> [Job] { jobs(kind, .running, limit: .max) }

    func endedJobs(_ kind: Job.Kind, after newest: Int) -> [Job] {
        let ended = jobs.values.filter { $0.key.kind == kind && $0.state != .running }
        return Array(Self.newestFirst(ended).dropFirst(newest))
    }

    func oldestEvents(_ limit: Int) -> [(number: Int64, at: Timestamp)] {
        events.prefix(limit).map { ($0.number, $0.event.at) }
    }

    func questions(_ keys: [RecordKey]) -> [Question] { Set(keys).compactMap { questions[$0] } }
}
