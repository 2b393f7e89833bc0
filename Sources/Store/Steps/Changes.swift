import OnewayCore

/// Everything that one step changes. Counters and groups are derived from it.
struct Changes: Sendable {
    var inbox: [RowChange<InboxRow>] = []
    var bodies: [(id: InboxID, body: PackedBody)] = []

    /// Mirrored records to remove, before `mirror` is saved.
    var removed: [RecordKey] = []
    var mirror: [Ledger.Mirrored] = []
    var stale: [RowChange<StaleRecord>] = []
    /// Whether anything computed from the mirror before is outdated.
    var advancesMirror = false

    var outbox: [RowChange<OutboxItem>] = []
    var refusals: [RowChange<RefusalItem>] = []

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
        if advancesMirror { counted[.mirrorVersion] += 1 }
        return counted
    }
}
