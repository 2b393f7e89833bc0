/// What must happen before a record can be sent.
public enum WaitReason: String, Hashable, Sendable, CaseIterable {
    case name, customer, company, opportunity, lead
    case contactEmail = "contact-email"
}

/// Live changes go before what is loaded or compared in bulk.
public enum DeliveryLane: Int, Hashable, Comparable, Sendable, CaseIterable {
    // Raw values are stored: never renumber.
    case live = 0
    case slow = 1

    public static func < (left: DeliveryLane, right: DeliveryLane) -> Bool { left.rawValue < right.rawValue }
}

/// What the rules want of one Marketo record.
public struct DeliveryWish: Hashable, Sendable {
    /// Canonical JSON, so that equal wishes have equal bytes; nil: it must not exist.
    public var record: [UInt8]?
    public var reasons: [Reason]
    /// What is not known yet and must be, before this can be sent.
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

/// Marketo's code and words.
public struct DeliveryTrouble: Hashable, Sendable {
    public let code: String
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// What came of sending one record.
public enum DeliveryVerdict: Hashable, Sendable {
    case confirmed(requestID: String?)
    /// To be tried again, and counted. `isUnknown`: it may have arrived nevertheless.
    case failed(DeliveryTrouble, requestID: String?, next: Timestamp, isUnknown: Bool)
    /// It was not sent after all: budget, pause, token. Not counted.
    case postponed(next: Timestamp)
    /// It cannot be sent before something else has happened. Looked at again then, and at `next` in any case.
    case waits(for: WaitReason, on: DeliveryKey?, next: Timestamp)
    /// Refused for good.
    case parked(DeliveryTrouble, requestID: String?)
}
