/// A record that changed, and whose change has still to reach what depends on it: a contact with a thousand
/// opportunities moves to another account.
public struct StaleRecord: Hashable, Sendable {
    public let key: RecordKey
    /// The last of its referrers that was reached; nil: none yet.
    public let after: GUID?
    /// Of what it makes Marketo get.
    public let lane: DeliveryLane

    public init(_ key: RecordKey, after: GUID? = nil, lane: DeliveryLane = .live) {
        self.key = key
        self.after = after
        self.lane = lane
    }

    /// One more change to a record whose last one has not reached everything yet: the faster lane is that of both.
    public func over(_ earlier: StaleRecord?) -> StaleRecord {
        StaleRecord(key, after: after, lane: min(lane, earlier?.lane ?? lane))
    }
}
