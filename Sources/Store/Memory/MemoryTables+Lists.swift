import OnewayCore

extension MemoryTables: Lists {
    func unappliedSince() -> Timestamp? {
        inbox.values.filter { $0.waitsSince != nil }.min { $0.id < $1.id }?.waitsSince
    }

    func pendingSince() -> Timestamp? { outbox.values.compactMap(\.state.pendingSince).min() }

    func entries(_ range: EntryRange, limit: Int, _ take: (StoredEntry) -> Bool) {
        let rows: [InboxRow] =
            switch range {
            case .unapplied: inbox.values.filter { $0.waitsSince != nil }.sorted { $0.id < $1.id }
            case .after(let id): inbox.values.filter { $0.id > id }.sorted { $0.id < $1.id }
            case .before(let id): inbox.values.filter { $0.id < id }.sorted { $0.id > $1.id }
            }
        for row in rows.prefix(limit) {
            let entry = StoredEntry(
                id: row.id,
                receivedAt: row.item.receivedAt,
                outcome: row.item.outcome,
                record: row.item.record,
                isWaiting: row.waitsSince != nil,
                body: bodies[row.id]
            )
            guard take(entry) else { return }
        }
    }

    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) -> [InboxItem] {
        let from = filter.from.map(InboxID.init(earliestAt:)) ?? InboxID(number: 0)
        let to = [filter.to.map(InboxID.init(earliestAt:)), before].compactMap { $0 }.min()
        let items = inbox.values.map(\.item).filter { item in
            item.id >= from && to.map { item.id < $0 } ?? true
                && filter.outcome.map { $0 == item.outcome } ?? true
                && filter.opportunity.map { $0 == item.opportunity } ?? true
        }
        return Array(items.sorted { $0.id > $1.id }.prefix(limit))
    }

    func inboxItem(_ id: InboxID) -> InboxItem? { inbox[id]?.item }

    func packedBody(of id: InboxID) -> PackedBody? { bodies[id] }

    func records(_ keys: [RecordKey]) -> [RecordKey: MirrorRecord] {
        Dictionary(
            keys.compactMap { mirror[$0] }.map { ($0.key, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func records(of entity: Entity, after: GUID?, limit: Int) -> [MirrorRecord] {
        let found = mirror.values.filter { record in
            record.key.entity == entity && after.map { record.key.id > $0 } ?? true
        }
        return Array(found.sorted { $0.key < $1.key }.prefix(limit))
    }

    func found(beginning words: String, limit: Int) -> [RecordKey] {
        let found = self.words.filter { $0.value.words.utf8.starts(with: words.utf8) }
        let sorted = found.sorted { left, right in
            left.value.words.utf8.elementsEqual(right.value.words.utf8)
                ? left.value.number < right.value.number
                : left.value.words.utf8.lexicographicallyPrecedes(right.value.words.utf8)
        }
        return sorted.prefix(limit).map(\.key)
    }

    func found(containing words: String, limit: Int) -> [RecordKey] {
        let found = self.words.filter { Array($0.value.words.utf8).contains(Array(words.utf8)) }
        return found.sorted { $0.value.number > $1.value.number }.prefix(limit).map(\.key)
    }

    func referrers(to key: RecordKey, from entity: Entity, after: GUID?, limit: Int) -> [GUID] {
        let found = references.filter { from, references in
            from.entity == entity && after.map { from.id > $0 } ?? true && references.contains { $0.to == key }
        }
        return Array(found.keys.map(\.id).sorted().prefix(limit))
    }

    func referrers(to keys: [RecordKey], from entity: Entity) -> [RecordKey: [GUID]] {
        var found = Dictionary(uniqueKeysWithValues: Set(keys).map { ($0, [GUID]()) })
        for (from, references) in references where from.entity == entity {
            for to in Set(references.map(\.to)) { found[to]?.append(from.id) }
        }
        return found.mapValues { $0.sorted() }
    }

    func stale(limit: Int) -> [StaleRecord] {
        let sorted = stale.values.sorted {
            ($1.key.entity.rawValue, $0.key.id) < ($0.key.entity.rawValue, $1.key.id)
        }
        return Array(sorted.prefix(limit))
    }

    func nextDue(_ kind: RecordKind) -> Timestamp? {
        outbox.values.filter { $0.key.kind == kind }.compactMap(\.state.nextAttemptAt).min()
    }

    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) -> [OutboxItem] {
        let found = outbox.values.filter { item in
            after.map { item.key > $0 } ?? true
                && filter.stage.map { $0 == item.state.stage } ?? true
                && filter.kind.map { $0 == item.key.kind } ?? true
                && filter.code.map { $0 == item.state.trouble?.code } ?? true
                && filter.opportunity.map { $0 == item.opportunity } ?? true
                && filter.waitingFor.map { $0 == item.state.waitingFor } ?? true
        }
        return Array(found.sorted { $0.key < $1.key }.prefix(limit))
    }

    func standings(_ filter: StandingFilter, after: StandingCursor?, limit: Int) -> [OpportunityStanding] {
        filter.page(of: standings.values, after: after, limit: limit)
    }

    func standings(_ opportunities: Set<GUID>) -> [OpportunityStanding] { opportunities.compactMap { standings[$0] } }

    func missingPeople(after contact: GUID?, limit: Int) -> [MissingPerson] {
        let waiting = outbox.values.filter { $0.state.waitingFor == .lead && $0.key.kind == .role }
        let people = Dictionary(grouping: waiting) { $0.key.role?.contact }.compactMap {
            person,
            roles -> MissingPerson? in
            guard let person, contact.map({ person > $0 }) ?? true, let role = roles.map(\.key).min() else {
                return nil
            }
            let since = roles.compactMap(\.state.waitingSince).min()
            return MissingPerson(contact: person, roles: Int64(roles.count), since: since, role: role)
        }
        return Array(people.sorted { $0.contact < $1.contact }.prefix(limit))
    }

    func outboxGroups(limit: Int) -> [OutboxGroup] {
        let sorted = groups.map { OutboxGroup(key: $0.key, count: $0.value) }.sorted(by: OutboxGroup.isBefore)
        return Array(sorted.prefix(limit))
    }

    func outboxItem(_ key: DeliveryKey) -> OutboxItem? { outbox[key] }

    func outbox(of opportunities: [GUID]) -> [GUID: [OutboxItem]] {
        var found = Dictionary(opportunities.map { ($0, [OutboxItem]()) }, uniquingKeysWith: { first, _ in first })
        for item in outbox.values.sorted(by: { $0.key < $1.key }) {
            if let opportunity = item.opportunity { found[opportunity]?.append(item) }
        }
        return found
    }

    func roles(naming contact: GUID) -> [OutboxItem] {
        outbox(OutboxFilter(kind: .role), after: nil, limit: .max).filter { $0.isRole(of: contact) }
    }

    func leads(_ values: [String]) -> [String: RememberedLead] {
        Dictionary(values.compactMap { leads[$0] }.map { ($0.value, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func refusals(before number: Int64, limit: Int) -> [RefusalItem] {
        let older = refusals.values.filter { $0.number < number }
        return Array(older.sorted { $0.number > $1.number }.prefix(limit))
    }

    func note(_ name: String) -> [UInt8]? { notes[name] }

    func jobs(_ kind: Job.Kind, _ state: Job.State?, limit: Int) -> [Job] {
        let found = jobs.values.filter { $0.key.kind == kind && (state == nil || $0.state == state) }
        return Array(Self.newestFirst(found).prefix(limit))
    }

    func job(_ key: Job.Key) -> Job? { jobs[key] }

    static func newestFirst(_ jobs: [Job]) -> [Job] {
        jobs.sorted { ($1.startedAt, $1.key.name) < ($0.startedAt, $0.key.name) }
    }

    func events(of subjects: [GUID], limit: Int) -> [DeliveryEvent] {
        Array(events.lazy.map(\.event).filter { subjects.contains($0.subject) }.reversed().prefix(limit))
    }

    func openQuestions(of entity: Entity, limit: Int) -> [Question] {
        let open = questions.values.filter { $0.isOpen && $0.key.entity == entity }
        let sorted = open.sorted {
            ($0.nextAt ?? Timestamp(second: 0), $0.key) < ($1.nextAt ?? Timestamp(second: 0), $1.key)
        }
        return Array(sorted.prefix(limit))
    }
}
