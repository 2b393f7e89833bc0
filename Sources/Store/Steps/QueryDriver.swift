import OnewayCore

/// Reads by what a driver does: a place to read. `StoreQueries` follows.
protocol QueryDriver: StoreQueries {
    associatedtype Reader: Lists

    /// As of the last commit.
    var counters: Counters { get }
    /// Runs `read` on everything committed so far.
    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (Reader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value
}

enum ReadingPace: Sendable {
    /// A read by a step of applying: short, and one after the other.
    case step
    /// A read for people and health checks, which may be long.
    case list
}

// MARK: Inbox

extension QueryDriver {
    public func status() async throws(StoreError) -> StoreStatus {
        let times = try await read(.list) { lists throws(StoreError) in
            (try lists.unappliedSince(), try lists.pendingSince())
        }
        var status = StoreStatus(counters)
        (status.unappliedSince, status.pendingSince) = times
        return status
    }

    public func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry] {
        try await read(.step) { lists throws(StoreError) in try lists.unapplied(limit: limit, bytesMax: bytesMax) }
    }

    public func applied(
        before: InboxID?,
        limit: Int,
        rowsMax: Int,
        bytesMax: Int
    ) async throws(StoreError) -> AppliedPage {
        try await read(.list) { lists throws(StoreError) in
            try lists.applied(before: before, limit: limit, rowsMax: rowsMax, bytesMax: bytesMax)
        }
    }

    public func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.inbox(filter, before: before, limit: limit) }
    }

    public func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem? {
        try await read(.list) { lists throws(StoreError) in try lists.inboxItem(id) }
    }

    public func body(of id: InboxID) async throws(StoreError) -> [UInt8]? {
        try await read(.list) { lists throws(StoreError) in try lists.packedBody(of: id)?.unpacked() }
    }

    public func unappliedCount() async throws(StoreError) -> Int64 { counters[.unapplied] }
}

// MARK: Mirror

extension QueryDriver {
    public func mirrorVersion() async throws(StoreError) -> MirrorVersion {
        MirrorVersion(number: counters[.mirrorVersion])
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey: MirrorRecord] {
        try await read(.step) { lists throws(StoreError) in try lists.records(keys) }
    }

    public func records(of entity: Entity, after: GUID?, limit: Int) async throws(StoreError) -> [MirrorRecord] {
        try await read(.list) { lists throws(StoreError) in try lists.records(of: entity, after: after, limit: limit) }
    }

    public func opportunities(named beginning: String, limit: Int) async throws(StoreError) -> [GUID] {
        try await read(.list) { lists throws(StoreError) in
            try lists.opportunities(beginning: SearchName.of(beginning), limit: limit)
        }
    }

    public func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) async throws(StoreError) -> [GUID] {
        try await read(.step) { lists throws(StoreError) in
            try lists.referrers(to: key, from: entity, after: after, limit: limit)
        }
    }

    public func referrers(
        to keys: [RecordKey],
        from entity: Entity
    ) async throws(StoreError) -> [RecordKey: [GUID]] {
        try await read(.step) { lists throws(StoreError) in try lists.referrers(to: keys, from: entity) }
    }

    public func stale(limit: Int) async throws(StoreError) -> [StaleRecord] {
        // Asked after every step; nearly always there are none.
        if counters[.stale] == 0 { return [] }
        return try await read(.step) { lists throws(StoreError) in try lists.stale(limit: limit) }
    }
}

// MARK: Outbox and the rest

extension QueryDriver {
    public func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp? {
        try await read(.list) { lists throws(StoreError) in try lists.nextDue(kind) }
    }

    public func due(_ kind: RecordKind, limit: Int, now: Timestamp) async throws(StoreError) -> [OutboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.due(kind, limit: limit, now: now) }
    }

    public func outbox(
        _ filter: OutboxFilter,
        after: DeliveryKey?,
        limit: Int
    ) async throws(StoreError) -> [OutboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.outbox(filter, after: after, limit: limit) }
    }

    public func outboxGroups() async throws(StoreError) -> [OutboxGroup] {
        try await read(.list) { lists throws(StoreError) in try lists.outboxGroups(limit: OutboxGroup.groupsMax) }
    }

    public func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem? {
        try await read(.step) { lists throws(StoreError) in try lists.outboxItem(key) }
    }

    public func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]] {
        try await read(.step) { lists throws(StoreError) in try lists.outbox(of: opportunities) }
    }

    public func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead] {
        try await read(.list) { lists throws(StoreError) in try lists.leads(values) }
    }

    public func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.roles(of: contact) }
    }

    public func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions {
        try await read(.list) { lists throws(StoreError) in
            try lists.mentions(of: records, after: after, limit: limit)
        }
    }

    public func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem] {
        try await read(.list) { lists throws(StoreError) in
            try lists.refusals(before: number ?? .max, limit: limit)
        }
    }

    public func note(_ name: String) async throws(StoreError) -> [UInt8]? {
        try await read(.list) { lists throws(StoreError) in try lists.note(name) }
    }

    public func jobs(_ kind: Job.Kind, _ state: Job.State?, limit: Int) async throws(StoreError) -> [Job] {
        // Asked after every step; nearly always there are none.
        if state == .running, counters[.jobs] == 0 { return [] }
        return try await read(.list) { lists throws(StoreError) in try lists.jobs(kind, state, limit: limit) }
    }

    public func job(_ key: Job.Key) async throws(StoreError) -> Job? {
        try await read(.list) { lists throws(StoreError) in try lists.job(key) }
    }

    public func questions(_ keys: [RecordKey]) async throws(StoreError) -> [Question] {
        try await read(.list) { lists throws(StoreError) in try lists.questions(keys) }
    }

    public func openQuestions(of entity: Entity, limit: Int) async throws(StoreError) -> [Question] {
        if counters[.questions] == 0 { return [] }
        return try await read(.list) { lists throws(StoreError) in try lists.openQuestions(of: entity, limit: limit) }
    }

    public func order(to job: Job.Key) async throws(StoreError) -> JobOrder? {
        try await note(Orders.note(of: job)).flatMap { JobOrder(rawValue: String(decoding: $0, as: UTF8.self)) }
    }

    public func events(of subjects: [GUID], limit: Int) async throws(StoreError) -> [DeliveryEvent] {
        try await read(.list) { lists throws(StoreError) in try lists.events(of: subjects, limit: limit) }
    }

    public func orders() async throws(StoreError) -> Orders {
        try await read(.list) { lists throws(StoreError) in
            Orders(
                pausedSince: try lists.note(Orders.pauseNote).flatMap(Orders.time),
                retriedAt: try lists.note(Orders.retryNote).flatMap(Orders.time)
            )
        }
    }
}
