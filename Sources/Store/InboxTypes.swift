public import OnewayCore

/// One notification to be stored.
@dynamicMemberLookup
public struct InboxEntry: Sendable {
    /// Equal for a repetition, different for anything else.
    public var identity: [UInt8]
    public var labels: InboxLabels
    /// As it was received.
    public var body: [UInt8]

    public init(identity: [UInt8], _ labels: InboxLabels, body: [UInt8]) {
        self.identity = identity
        self.labels = labels
        self.body = body
    }

    @inlinable public subscript<Value>(dynamicMember label: KeyPath<InboxLabels, Value>) -> Value {
        labels[keyPath: label]
    }

    static let identityBytesMax = 64
}

/// One notification to be applied.
public struct UnappliedEntry: Hashable, Sendable {
    public let id: InboxID
    public let receivedAt: Timestamp
    public let outcome: Outcome
    public let body: [UInt8]

    public init(id: InboxID, receivedAt: Timestamp, outcome: Outcome, body: [UInt8]) {
        self.id = id
        self.receivedAt = receivedAt
        self.outcome = outcome
        self.body = body
    }
}

/// A page of applied notifications, to be read again.
public struct AppliedPage: Hashable, Sendable {
    public var entries: [UnappliedEntry] = []
    /// The last one examined; nil when there was none.
    public var last: InboxID?
}

/// Which notifications to list. `from` is included, `to` is not.
public struct InboxFilter: Hashable, Sendable {
    public var outcome: Outcome?
    public var from: Timestamp?
    public var to: Timestamp?
    public var opportunity: GUID?

    public init(
        outcome: Outcome? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        opportunity: GUID? = nil
    ) {
        self.outcome = outcome
        self.from = from
        self.to = to
        self.opportunity = opportunity
    }
}
