import OnewayCore

/// Everything that one step changes. Counters and groups are derived from it.
struct Changes: Sendable {
    var inbox: [RowChange<InboxRow>] = []
    var bodies: [(id: InboxID, body: PackedBody)] = []

    /// Mirrored records to remove, before `mirror` is saved.
    var removed: [RecordKey] = []
    var mirror: [Ledger.Mirrored] = []
    /// By how many more opportunities the mirror knows.
    var opportunitiesKnown: Int64 = 0
    var stale: [RowChange<StaleRecord>] = []
    /// Whether anything computed from the mirror before is outdated.
    var advancesMirror = false

    var outbox: [RowChange<OutboxItem>] = []
    var refusals: [RowChange<RefusalItem>] = []
    var jobs: [RowChange<Job>] = []
    var questions: [RowChange<Question>] = []

    var events: [DeliveryEvent] = []
    /// Records whose events are forgotten.
    var forgottenEvents: [(subject: GUID, key: DeliveryKey)] = []
    /// The newest of the events that are forgotten by age.
    var eventsForgottenTo: Int64?

    var leads: [RememberedLead] = []
    var forgottenLeads: [String] = []
    /// Nil removes it.
    var notes: [String: [UInt8]?] = [:]

    /// By how much each counter grows or shrinks.
    var counted: Counters {
        var counted = Counters()
        for change in inbox { counted.count(change) }
        for change in outbox { counted.count(change) }
        for change in refusals { counted.count(change) }
        for change in stale { counted.count(change) }
        for change in jobs { counted.count(change) }
        for change in questions { counted.count(change) }
        counted[.opportunitiesKnown] += opportunitiesKnown
        counted[.eventsCame] += Int64(events.count)
        if advancesMirror { counted[.mirrorVersion] += 1 }
        return counted
    }

    /// Who has something to do now.
    var topics: Topics {
        var topics: Topics = []
        if !stale.isEmpty || inbox.contains(where: { $0.after?.waitsSince != nil }) { topics.insert(Topics(.inbox)) }
        if !outbox.isEmpty { topics.insert(Topics(.outbox)) }
        if jobs.contains(where: \.isNews) { topics.formUnion([Topics(.jobs), Topics(.inbox)]) }
        if !questions.isEmpty { topics.insert(Topics(.questions)) }
        if notes.keys.contains(where: { $0 == Orders.pauseNote || $0 == Orders.retryNote }) {
            topics.insert(Topics(.orders))
        }
        if notes.keys.contains(where: { $0.hasPrefix(Orders.jobNotes) }) { topics.insert(Topics(.jobs)) }
        return topics
    }
}

extension RowChange<Job> {
    /// Whether anybody waits for it: it began, it ended, or its figures are others. A cursor alone is of no interest.
    fileprivate var isNews: Bool {
        before?.state != after?.state || before?.counts != after?.counts || before?.message != after?.message
            || before?.startedAt != after?.startedAt
    }
}
