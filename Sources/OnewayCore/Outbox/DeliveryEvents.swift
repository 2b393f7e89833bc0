/// The event that must happen before a record can be sent.
public enum WaitReason: String, Hashable, Sendable, CaseIterable {
    case name, customer, company, opportunity, lead
    case salesPerson = "sales-person"
    case contactEmail = "contact-email"
}

/// Live changes are sent before those loaded or compared in bulk.
public enum DeliveryLane: Int, Hashable, Comparable, Sendable, CaseIterable {
    // Raw values are stored: never renumber.
    case live = 0
    case slow = 1

    public static func < (left: DeliveryLane, right: DeliveryLane) -> Bool { left.rawValue < right.rawValue }
}

/// The desired state of one Marketo record, according to the rules.
public struct DesiredState: Hashable, Sendable {
    /// Canonical JSON, so that equal states have equal bytes; nil: it must not exist.
    public var record: [UInt8]?
    public var reasons: [Reason]
    /// The value that is not known yet and must be, before this can be sent.
    public var heldFor: WaitReason?
    public var lane: DeliveryLane

    public init(
        _ record: [UInt8]?,
        reasons: [Reason] = [],
        heldFor: WaitReason? = nil,
        lane: DeliveryLane = .live
    ) {
        self.record = record
        self.reasons = reasons
        self.heldFor = heldFor
        self.lane = lane
    }
}

/// Marketo's code and message.
public struct DeliveryTrouble: Hashable, Sendable {
    public let code: String
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// The result of sending one record.
public enum DeliveryVerdict: Hashable, Sendable {
    /// `remark`: what was left out, and why. `lead`: Marketo's person that the role was assigned to.
    case confirmed(requestID: String?, remark: DeliveryTrouble? = nil, lead: Int64? = nil)
    /// To be tried again.
    case again(DeliveryRetry)
    /// It was not sent after all: budget, pause, token. Not counted.
    case postponed(next: Timestamp)
    /// It cannot be sent until something else has happened. Checked again then, and at `next` in any case.
    /// `leadGone`: Marketo no longer knows the lead that a role was for. Counted; otherwise a lead that Marketo finds
    /// but does not accept would be queried forever.
    case waits(for: WaitReason, on: DeliveryKey?, next: Timestamp, leadGone: DeliveryTrouble? = nil)
    /// Refused permanently.
    case parked(DeliveryTrouble, requestID: String?)
}

extension DeliveryVerdict {
    /// Whether it follows from a call with this record, not from what was known before.
    public var isAnAnswer: Bool {
        switch self {
        case .confirmed(let requestID, _, _): requestID != nil
        case .again, .parked(_, .some): true
        case .postponed, .waits, .parked(_, nil): false
        }
    }
}

/// Why and when a record is sent once more.
public struct DeliveryRetry: Hashable, Sendable {
    public var trouble: DeliveryTrouble
    public var requestID: String?
    public var next: Timestamp
    /// False if it is not the record's fault: Marketo is unavailable, or busy.
    public var isCounted: Bool
    /// It may have arrived nevertheless, in which case it belongs to this lead.
    public var isUnknown: Bool
    public var lead: Int64?

    public init(
        _ trouble: DeliveryTrouble,
        requestID: String? = nil,
        next: Timestamp,
        isCounted: Bool = true,
        isUnknown: Bool = false,
        lead: Int64? = nil
    ) {
        self.trouble = trouble
        self.requestID = requestID
        self.next = next
        self.isCounted = isCounted
        self.isUnknown = isUnknown
        self.lead = lead
    }
}
