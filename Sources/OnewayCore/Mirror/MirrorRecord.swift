/// All that is known of one Dynamics record, or all that one notification says about it: the same type, merged or not.
///
/// Merging is a join: commutative, associative, idempotent (R7).
public struct MirrorRecord: Hashable, Sendable {
    public let key: RecordKey
    /// By logical column name. An attribute that is not here is unknown.
    public internal(set) var attributes: [String: StampedValue] = [:]
    /// The newest deletion reported, in whole seconds.
    public internal(set) var deletedAt: Int64?
    /// The newest evidence that it exists after a deletion: the second of a read that found it, or of an operator's
    /// request.
    public internal(set) var revivedAt: Int64?
    /// The creation by Marketo's user that was refused (R2): the earliest reported.
    public internal(set) var refusal: Refusal?
    /// When an operator first allowed the refused record. It stays allowed.
    public internal(set) var allowedAt: Int64?
    /// The newest notification that Dynamics cut, in whole seconds: its changes are not known.
    public internal(set) var cutAt: Int64?
    /// The newest notification that was sent from inside a transaction, in whole seconds: what it told may have been rolled
    /// back.
    public internal(set) var tentativeAt: Int64?
    /// A notification was about this record, and nothing else is known of it. Never set together with anything above,
    /// so that a value received before a column was selected, or unselected, has no effect.
    public internal(set) var isMentioned = false

    public init(_ key: RecordKey) { self.key = key }

    public subscript(_ attribute: String) -> Value? { attributes[attribute]?.value }

    /// Final regardless of attribute times: only a read, or an operator, in a later second revives it (R11).
    public var isDeleted: Bool {
        guard let deletedAt else { return false }
        return revivedAt.map { $0 <= deletedAt } ?? true
    }

    /// Whether this is an opportunity that Dynamics has, as far as is known.
    public var isKnownOpportunity: Bool { key.entity == .opportunity && !isDeleted && !isUnheardOf }

    /// Marketo's user created it and no operator has allowed it: Marketo should hold nothing of it (R2).
    public var isRefused: Bool { refusal != nil && allowedAt == nil }

    public mutating func learn(_ attribute: String, _ told: StampedValue) {
        isMentioned = false
        if attributes[attribute]?.merge(told) == nil { attributes[attribute] = told }
    }

    /// Forgets columns that are no longer selected (R3). Deletion, refusal, and permission are not columns and stay.
    /// The record still counts as mentioned, even if no column is left.
    public mutating func keepOnly(_ columns: Set<String>) {
        attributes = attributes.filter { columns.contains($0.key) }
        markMentioned()
    }

    /// Forgets all references to this record. Returns true if there were any.
    public mutating func forgetReferences(to key: RecordKey) -> Bool {
        let before = attributes.count
        attributes = attributes.filter { $0.value.value.reference.map { $0 != (key.entity.rawValue, key.id) } ?? true }
        guard attributes.count != before else { return false }
        forgetEmptyAccountAlone()
        markMentioned()
        return true
    }

    public mutating func markDeleted(atSecond second: Int64) {
        deletedAt = max(deletedAt ?? second, second)
        isMentioned = false
    }

    public mutating func markRevived(atSecond second: Int64) {
        revivedAt = max(revivedAt ?? second, second)
        isMentioned = false
    }

    public mutating func markRefused(_ refusal: Refusal) {
        self.refusal = min(self.refusal ?? refusal, refusal)
        isMentioned = false
    }

    public mutating func markAllowed(atSecond second: Int64) {
        allowedAt = min(allowedAt ?? second, second)
        isMentioned = false
    }

    public mutating func markCut(atSecond second: Int64) {
        cutAt = max(cutAt ?? second, second)
        isMentioned = false
    }

    public mutating func markTentative(atSecond second: Int64) {
        tentativeAt = max(tentativeAt ?? second, second)
        isMentioned = false
    }

    /// A notification was about it, even if it contained nothing that is kept.
    public mutating func markMentioned() { isMentioned = isMentioned || isUnheardOf }

    /// No notification was about it: only another record refers to it.
    public var isUnheardOf: Bool { self == MirrorRecord(key) }

    /// Columns whose values may be older than in Dynamics: a notification was cut, and neither a notification nor a read has
    /// contained them since. `createdon` is left out because it never changes.
    public var columnsBehindCut: [String] {
        guard let cutAt else { return [] }
        return attributes.filter { column, told in
            // The names of look-ups' targets, which are kept next to them, are not columns of Dynamics.
            column != "createdon" && !LookupName.isColumn(column) && told.stamp.second <= cutAt
                && !isRead(told, after: cutAt)
        }.keys.sorted()
    }

    public mutating func merge(_ other: MirrorRecord) {
        precondition(key == other.key, "only facts about the same record can be merged")
        for (attribute, told) in other.attributes { learn(attribute, told) }
        if let second = other.deletedAt { markDeleted(atSecond: second) }
        if let second = other.revivedAt { markRevived(atSecond: second) }
        if let refusal = other.refusal { markRefused(refusal) }
        if let second = other.allowedAt { markAllowed(atSecond: second) }
        if let second = other.cutAt { markCut(atSecond: second) }
        if let second = other.tentativeAt { markTentative(atSecond: second) }
        if other.isMentioned { markMentioned() }
    }
}

/// A creation that was refused because Marketo's user in Dynamics made it.
public struct Refusal: Hashable, Comparable, Sendable {
    public let second: Int64
    public let user: GUID

    public init(second: Int64, user: GUID) {
        self.second = second
        self.user = user
    }

    public static func < (left: Refusal, right: Refusal) -> Bool {
        (left.second, left.user) < (right.second, right.user)
    }
}
