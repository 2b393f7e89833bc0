import OnewayCore

/// An entry ready for the writer: checked and packed on the caller's thread, because everyone shares the writer's time.
struct PackedEntry: Sendable {
    /// Its id is not assigned yet.
    let arrival: InboxRow
    let body: PackedBody?

    init(_ entry: InboxEntry, receivedAt: Timestamp) throws(StoreError) {
        guard 1...InboxEntry.identityBytesMax ~= entry.identity.count else {
            throw StoreError(.invalid, "an identity has 1 to \(InboxEntry.identityBytesMax) bytes")
        }
        body = entry.labels.outcome.keepsBody ? PackedBody(packing: entry.body) : nil
        let item = InboxItem(
            id: InboxID(number: 0),
            receivedAt: receivedAt,
            labels: entry.labels,
            bodyBytes: body?.bytes.count ?? 0
        )
        arrival = InboxRow(item: item, identity: entry.identity, givesWay: false, waitsSince: nil)
    }
}
