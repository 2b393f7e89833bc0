import OnewayCore

/// An entry as it goes to the writer: checked and packed by the caller's thread, because the writer's time is everybody's.
struct PackedEntry: Sendable {
    private(set) var entry: InboxEntry
    let body: PackedBody?
    let receivedAt: Timestamp

    init(_ entry: InboxEntry, receivedAt: Timestamp) throws(StoreError) {
        guard 1...InboxEntry.identityBytesMax ~= entry.identity.count else {
            throw StoreError(.invalid, "an identity has 1 to \(InboxEntry.identityBytesMax) bytes")
        }
        body = entry.outcome.keepsBody ? PackedBody(packing: entry.body) : nil
        self.entry = entry
        self.entry.body = []
        self.receivedAt = receivedAt
    }

    var bodyBytes: Int { body?.bytes.count ?? 0 }

    /// What a row that was there before becomes.
    func revision(_ id: InboxID) -> InboxRevision {
        InboxRevision(
            id,
            entry.outcome,
            message: entry.message,
            entity: entry.entity,
            record: entry.record,
            opportunity: entry.opportunity,
            code: entry.code,
            reasons: entry.reasons
        )
    }

    func item(_ id: InboxID) -> InboxItem {
        InboxItem(
            id: id,
            receivedAt: receivedAt,
            outcome: entry.outcome,
            message: entry.message,
            entity: entry.entity,
            record: entry.record,
            opportunity: entry.opportunity,
            code: entry.code,
            reasons: entry.reasons,
            bodyBytes: bodyBytes
        )
    }
}
