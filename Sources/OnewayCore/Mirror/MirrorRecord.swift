/// All that is known of one Dynamics record, or all that one notification tells of it: the same thing, merged or not.
///
/// Merging is a join: commutative, associative, idempotent (R7).
public struct MirrorRecord: Hashable, Sendable {
    public let key: RecordKey
    /// By logical column name. An attribute that is not here is unknown.
    public internal(set) var attributes: [String: StampedValue] = [:]
    /// The newest deletion told, in whole seconds.
    public internal(set) var deletedAt: Int64?
    /// The newest sign of life after a deletion: the second of a read that found the record, or of an operator's word.
    public internal(set) var revivedAt: Int64?
    /// The creation by Marketo's user that was refused (R2): the earliest told.
    public internal(set) var refusal: Refusal?
    /// When an operator first allowed the refused record. It stays allowed.
    public internal(set) var allowedAt: Int64?
    /// The newest notification that Dynamics cut, in whole seconds: what it changed is not known.
    public internal(set) var cutAt: Int64?
    /// A notification was about this record, and nothing else is known of it: never together with anything above, so
    /// that what was told before a column was selected, or unselected, never shows.
    public internal(set) var isMentioned = false

    public init(_ key: RecordKey) { self.key = key }

    public subscript(_ attribute: String) -> Value? { attributes[attribute]?.value }

    /// Final whatever attribute times say: only a read or an operator of a later second revives (R11).
    public var isDeleted: Bool {
        guard let deletedAt else { return false }
        return revivedAt.map { $0 <= deletedAt } ?? true
    }

    /// Marketo's user created it and nobody has allowed it: Marketo should hold nothing of it (R2).
    public var isRefused: Bool { refusal != nil && allowedAt == nil }

    public mutating func learn(_ attribute: String, _ told: StampedValue) {
        isMentioned = false
        if attributes[attribute]?.merge(told) == nil { attributes[attribute] = told }
    }

    /// Forgets what is not selected any more (R3). That it was deleted, refused, or allowed is no column. What is kept was
    /// told of once, even if nothing of that is left.
    public mutating func keepOnly(_ columns: Set<String>) {
        attributes = attributes.filter { columns.contains($0.key) }
        markMentioned()
    }

    /// Forgets all that points to this record. True where there was something.
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

    /// A notification was about it, whatever that told.
    public mutating func markMentioned() { isMentioned = isMentioned || isUnheardOf }

    /// No notification was about it: another record names it.
    public var isUnheardOf: Bool { self == MirrorRecord(key) }

    /// Columns whose values may be older than Dynamics: a notification was cut, and none has told them since. When a
    /// record was created never changes.
    public var columnsBehindCut: [String] {
        guard let cutAt else { return [] }
        return attributes.filter { $0.key != "createdon" && $0.value.stamp.second <= cutAt }.keys.sorted()
    }

    public mutating func merge(_ other: MirrorRecord) {
        precondition(key == other.key, "only tellings of one record merge")
        for (attribute, told) in other.attributes { learn(attribute, told) }
        if let second = other.deletedAt { markDeleted(atSecond: second) }
        if let second = other.revivedAt { markRevived(atSecond: second) }
        if let refusal = other.refusal { markRefused(refusal) }
        if let second = other.allowedAt { markAllowed(atSecond: second) }
        if let second = other.cutAt { markCut(atSecond: second) }
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
