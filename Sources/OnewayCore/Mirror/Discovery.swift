/// What a read of Dynamics found that no notification had reported.
public struct Discovery: Hashable, Sendable {
    // Raw values are stored and shown: rename none.
    public enum What: String, Hashable, Sendable, CaseIterable { case created, updated, deleted, restored }

    /// Why no notification reported it, as far as that can be told.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// A system job about the record failed in Dynamics.
        case failedJob = "failed-job"
        /// Oneway was not running at that time.
        case outage
        /// Notifications of other changes came at that time: whoever made it bypassed the steps, or no step is for it.
        case bypassed
        /// No notification came at that time at all.
        case silence

        /// For people.
        public var says: String {
            switch self {
            case .failedJob: "a system job about it failed in Dynamics: the notification was refused, or did not arrive"
            case .outage: "Oneway was not running at that time"
            case .bypassed:
                "no notification, while others came: the change bypassed the steps, or no active step is for it"
            case .silence: "no notification came at that time at all: are the webhooks registered and reachable?"
            }
        }
    }

    public let key: RecordKey
    public let what: What
    /// Of an updated record, the columns whose known value was another, in their order.
    public let columns: [String]
    /// When Dynamics changed it; nil for a deletion, whose time is not known.
    public let modifiedAt: Timestamp?

    public init(_ key: RecordKey, _ what: What, columns: [String] = [], modifiedAt: Timestamp? = nil) {
        (self.key, self.what, self.columns, self.modifiedAt) = (key, what, columns, modifiedAt)
    }
}

extension Discovery {
    /// Nil if everything was known, or follows from what was. A column that was not known at all is not counted: the
    /// notifications that came need not have contained it.
    /// - Parameter others: The records that the record referred to. Dynamics clears or moves a look-up to one that was
    ///   deleted or merged, and deletes its connections, without a notification.
    public init?(before: MirrorRecord?, after: MirrorRecord, others: [RecordKey: MirrorRecord] = [:]) {
        let read = after.attributes.values.filter { $0.stamp.source == .reading }.map(\.stamp.second).max()
        let modifiedAt = read.map { Timestamp(second: $0) }
        guard let before, !before.isUnheardOf else {
            if after.isDeleted { return nil }
            self.init(after.key, .created, modifiedAt: modifiedAt)
            return
        }
        // It was told, and may have been rolled back.
        if before.isTentative { return nil }
        switch (before.isDeleted, after.isDeleted) {
        case (true, true): return nil
        case (true, false): self.init(after.key, .restored, modifiedAt: modifiedAt)
        case (false, true):
            let isConsequence =
                before.key.entity == .connection && before.referred.contains { others[$0]?.isDeleted ?? false }
            if isConsequence { return nil }
            self.init(after.key, .deleted)
        case (false, false):
            let columns = before.attributes.filter { name, told in
                guard let now = after.attributes[name]?.value, !LookupName.isColumn(name) else { return false }
                return !now.isSame(as: told.value) && !(told.value.mirrored.flatMap { others[$0] }?.isGone ?? false)
            }
            if columns.isEmpty { return nil }
            self.init(after.key, .updated, columns: columns.keys.sorted(), modifiedAt: modifiedAt)
        }
    }
}

extension MirrorRecord {
    /// The mirrored records that it refers to.
    public var referred: Set<RecordKey> { Set(attributes.values.compactMap(\.value.mirrored)) }

    /// Deleted, or merged into another.
    fileprivate var isGone: Bool { isDeleted || self["masterid"]?.reference != nil }
}

extension Value {
    fileprivate var mirrored: RecordKey? {
        reference.flatMap { target, id in
            Entity(rawValue: target).flatMap { $0.isReported ? RecordKey($0, id) : nil }
        }
    }

    /// However its digits were written, and to the second, as the Web API gives times.
    fileprivate func isSame(as other: Value) -> Bool {
        if case .time(let time) = self, case .time(let told) = other { return time.second == told.second }
        return withoutTrailingZeros == other.withoutTrailingZeros
    }
}
