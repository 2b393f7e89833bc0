import OnewayCore

/// An entry as it goes to the writer: checked and packed by the caller's thread, because the writer's time is everybody's.
struct PackedEntry: Sendable {
    /// It has no name yet.
    let arrival: InboxRow
    let body: PackedBody?

    init(_ entry: InboxEntry, receivedAt: Timestamp) throws(StoreError) {
        guard 1...InboxEntry.identityBytesMax ~= entry.identity.count else {
            throw StoreError(.invalid, "an identity has 1 to \(InboxEntry.identityBytesMax) bytes")
        }
        body = entry.outcome.keepsBody ? PackedBody(packing: entry.body) : nil
        let item = InboxItem(
            id: InboxID(number: 0),
            receivedAt: receivedAt,
            outcome: entry.outcome,
            message: entry.message,
            entity: entry.entity,
            record: entry.record,
            opportunity: entry.opportunity,
            code: entry.code,
            reasons: entry.reasons,
            bodyBytes: body?.bytes.count ?? 0
        )
        arrival = InboxRow(item: item, identity: entry.identity, givesWay: false, waitsSince: nil)
    }
}
