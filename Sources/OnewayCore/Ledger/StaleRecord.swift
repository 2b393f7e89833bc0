/// A record that changed, and whose change has still to reach what depends on it: a contact with a thousand
/// opportunities moves to another account.
public struct StaleRecord: Hashable, Sendable {
    public let key: RecordKey
    /// The last of its referrers that was processed; nil: none yet.
    public let after: GUID?
    /// The lane of the deliveries that it causes.
    public let lane: DeliveryLane

    public init(_ key: RecordKey, after: GUID? = nil, lane: DeliveryLane = .live) {
        self.key = key
        self.after = after
        self.lane = lane
    }

    /// Combines this change with an earlier one that has not reached everything yet: the faster lane applies to both.
    public func over(_ earlier: StaleRecord?) -> StaleRecord {
        StaleRecord(key, after: after, lane: min(lane, earlier?.lane ?? lane))
    }
}
