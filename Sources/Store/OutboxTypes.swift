public import OnewayCore

/// What the rules want of one Marketo record.
public struct OutboxWish: Hashable, Sendable {
    public var key: DeliveryKey
    /// The opportunity this belongs to; nil for a company.
    public var opportunity: GUID?
    public var wish: DeliveryWish

    public init(_ key: DeliveryKey, opportunity: GUID?, _ wish: DeliveryWish) {
        self.key = key
        self.opportunity = opportunity
        self.wish = wish
    }
}

/// One Marketo record in the outbox.
public struct OutboxItem: Hashable, Sendable {
    public let key: DeliveryKey
    public let opportunity: GUID?
    public let state: DeliveryState
}

/// What came of one claimed item.
public struct Settlement: Hashable, Sendable {
    public var key: DeliveryKey
    public var claim: Int64
    public var sent: [UInt8]?
    public var verdict: DeliveryVerdict

    public init(_ item: OutboxItem, _ verdict: DeliveryVerdict) {
        key = item.key
        claim = item.state.claim
        sent = item.state.desired
        self.verdict = verdict
    }

    /// Marketo has nothing of it any more, though something is wanted: it begins anew.
    public init(gone item: OutboxItem, requestID: String?) {
        self.init(item, .confirmed(requestID: requestID))
        sent = nil
    }
}

/// What Marketo answered when it was asked for a contact's lead.
public struct RememberedLead: Hashable, Sendable {
    /// What it was asked by: the contact's id, or what else the configuration names.
    public var value: String
    /// Nil: there was none.
    public var id: Int64?
    public var askedAt: Timestamp
    /// How often in a row there was none.
    public var misses: Int

    public init(_ value: String, id: Int64?, askedAt: Timestamp, misses: Int = 0) {
        self.value = value
        self.id = id
        self.askedAt = askedAt
        self.misses = misses
    }
}

/// Which Marketo records to list. All that is given must match.
public struct OutboxFilter: Hashable, Sendable {
    public var stage: DeliveryState.Stage?
    public var kind: RecordKind?
    public var code: String?
    public var opportunity: GUID?
    public var waitingFor: WaitReason?

    public init(
        stage: DeliveryState.Stage? = nil,
        kind: RecordKind? = nil,
        code: String? = nil,
        opportunity: GUID? = nil,
        waitingFor: WaitReason? = nil
    ) {
        self.stage = stage
        self.kind = kind
        self.code = code
        self.opportunity = opportunity
        self.waitingFor = waitingFor
    }
}

/// How many Marketo records of a kind are parked with a code, or wait for something.
public struct OutboxGroup: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        public let stage: DeliveryState.Stage
        /// The code of what is parked; what the others wait for.
        public let why: String
        public let kind: RecordKind
    }

    public let key: Key
    public let count: Int64

    /// More kinds of trouble than anybody would read.
    public static let groupsMax = 200

    /// The largest first.
    static func isBefore(_ left: OutboxGroup, _ right: OutboxGroup) -> Bool {
        if left.count != right.count { return left.count > right.count }
        return (left.key.stage.rawValue, left.key.why, left.key.kind.rawValue)
            < (right.key.stage.rawValue, right.key.why, right.key.kind.rawValue)
    }
}

extension OutboxItem {
    func isRole(of contact: GUID) -> Bool { key.role?.contact == contact }

    /// Nil: nobody needs to look at it.
    var group: OutboxGroup.Key? {
        switch state.stage {
        case .settled, .pending: nil
        case .parked: OutboxGroup.Key(stage: .parked, why: state.trouble?.code ?? "", kind: key.kind)
        case .waiting: OutboxGroup.Key(stage: .waiting, why: state.waitingFor?.rawValue ?? "", kind: key.kind)
        }
    }
}

/// What an operator wants tried again.
public enum RetryScope: Hashable, Sendable {
    case all
    /// Also where it is settled: what Marketo confirmed it may have lost since.
    case key(DeliveryKey)
    case code(String)
}
