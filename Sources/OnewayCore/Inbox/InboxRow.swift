/// One notification as the inbox lists it.
@dynamicMemberLookup
public struct InboxItem: Hashable, Sendable {
    public var id: InboxID
    public var receivedAt: Timestamp
    public var labels: InboxLabels
    /// The size of the body in the store; 0 if none is kept.
    public var bodyBytes: Int

    public init(id: InboxID, receivedAt: Timestamp, labels: InboxLabels, bodyBytes: Int) {
        self.id = id
        self.receivedAt = receivedAt
        self.labels = labels
        self.bodyBytes = bodyBytes
    }

    @inlinable public subscript<Value>(dynamicMember label: KeyPath<InboxLabels, Value>) -> Value {
        labels[keyPath: label]
    }
}

/// One notification as the store keeps it, without its body.
public struct InboxRow: Hashable, Sendable {
    public var item: InboxItem
    /// Equal for a duplicate, different for anything else.
    public var identity: [UInt8]
    /// The oldest of these are removed to make room for newer ones.
    public var givesWay: Bool
    /// When it began to wait to be applied; nil if it does not wait.
    public var waitsSince: Timestamp?

    public init(item: InboxItem, identity: [UInt8], givesWay: Bool, waitsSince: Timestamp?) {
        self.item = item
        self.identity = identity
        self.givesWay = givesWay
        self.waitsSince = waitsSince
    }

    public var id: InboxID { item.id }

    /// Revises the row, which from now on never gives way. Its time of arrival and its body stay.
    mutating func become(_ revision: InboxRevision) {
        item.labels = revision.labels
        givesWay = false
    }
}

extension RowChange<InboxRow> {
    /// Whether the listed content changed, not only whether it waits.
    public var isListedOtherwise: Bool { before?.item != after?.item || before?.givesWay != after?.givesWay }

    /// The index by opportunity is written only once a row no longer waits, because its entries are far apart on the
    /// disk and accepting should not wait for it. Rows that wait are scanned instead.
    public var foundNoMore: GUID? {
        guard let opportunity = before?.item.opportunity, after?.item.opportunity != opportunity else { return nil }
        return opportunity
    }

    public var foundNow: GUID? {
        guard let after, after.waitsSince == nil, let opportunity = after.item.opportunity else { return nil }
        guard let before, before.waitsSince == nil, before.item.opportunity == opportunity else { return opportunity }
        return nil
    }
}
