/// What a read knows that has an earlier time than what was told. The time of a row is that of its last change, and what is
/// told without it has the time of its operation, which may be a second later.
///
/// A synchronous step tells of a change from inside its transaction, which may yet be rolled back. Only a read that began after
/// its end knows: a value that is not in the row by then was never saved.
extension MirrorRecord {
    /// No transaction is taken to last longer. A synchronous step may run for two minutes, and a request that is one
    /// transaction may call several.
    static let transactionSecondsMax: Int64 = 900

    /// Whether what is known may have been rolled back. A record that Dynamics did not have while the transaction lasted may
    /// be there now.
    public var isTentative: Bool {
        guard let tentativeAt else { return false }
        let looked = isDeleted ? deletedAt : revivedAt
        return (looked ?? .min) <= tentativeAt + Self.transactionSecondsMax
    }

    /// When a read can tell whether what is known was rolled back; nil if that is known.
    public var transactionEnd: Timestamp? {
        guard isTentative, let tentativeAt else { return nil }
        return Timestamp(second: tentativeAt + Self.transactionSecondsMax + Self.slackSeconds)
    }

    /// Whether a record that Dynamics does not have may be in a transaction that creates it: it was told from inside, or
    /// nothing is known but that another names it.
    public static func mayBeInCreation(_ known: MirrorRecord?, now: Timestamp) -> Bool {
        guard let known, !known.isUnheardOf else { return true }
        return known.transactionEnd.map { $0 > now } ?? false
    }

    /// In which the record is told, and by which clocks differ.
    static let slackSeconds: Int64 = 20

    /// Columns whose values a transaction may have rolled back.
    public var columnsInTransaction: [String] {
        guard isTentative, let tentativeAt else { return [] }
        return attributes.filter { _, told in
            told.stamp.second == tentativeAt && told.stamp.source != .reading && !told.stamp.fills
        }.keys.sorted()
    }

    /// Merges a fact as it is to be taken by whoever knows what is known here, in whichever order a transaction's values and
    /// a read after its end arrive.
    public mutating func take(_ fact: MirrorRecord) {
        if let told = fact.tentativeAt, let read = revivedAt, told + Self.transactionSecondsMax < read {
            // What is true of it was in the row, unless the row was read without that column, which was selected since.
            var seen = fact
            seen.attributes = fact.attributes.filter { attributes[$0.key] == nil }
            merge(seen)
        } else if let read = fact.revivedAt {
            var seen = fact
            for (column, told) in fact.attributes where told.stamp.source == .reading {
                seen.attributes[column] = told.asNew(asSecond: secondSeen(of: column, readAt: read))
            }
            merge(seen)
        } else {
            if let read = revivedAt {
                for (column, told) in fact.attributes where Self.isSeen(told, readAt: read) {
                    guard let known = attributes[column], known.stamp.source == .reading else { continue }
                    attributes[column] = known.asNew(asSecond: told.stamp.second)
                }
            }
            merge(fact)
        }
    }

    /// Whether the value was read when a change of this second was in the row: the row was modified in that second or later,
    /// or the read began after the end of its transaction.
    func isRead(_ told: StampedValue, after second: Int64) -> Bool {
        guard told.stamp.source == .reading, let revivedAt else { return false }
        return told.stamp.second >= second || revivedAt > second + Self.transactionSecondsMax + Self.slackSeconds
    }

    /// Until when a read at this second has seen what was told of a column.
    private func secondSeen(of column: String, readAt read: Int64) -> Int64 {
        // Of what transactions told until then the end is seen.
        if isTentative { return read - Self.transactionSecondsMax }
        guard let told = attributes[column], Self.isSeen(told, readAt: read) else { return .min }
        return told.stamp.second
    }

    /// Whether a value that was told without the time of its change was in the row, or was replaced there, when the row was
    /// read at this second. Of two reads with one time the row version decides.
    private static func isSeen(_ told: StampedValue, readAt read: Int64) -> Bool {
        guard told.stamp.second < read - transactionSecondsMax - slackSeconds else { return false }
        return told.clock >= .operation && !told.stamp.fills || told.stamp.source == .reading
    }
}

extension StampedValue {
    /// The row was last modified earlier, and still has this value then.
    fileprivate func asNew(asSecond second: Int64) -> StampedValue {
        guard stamp.second < second else { return self }
        return StampedValue(value, Stamp(second: second, source: .reading, rowVersion: stamp.rowVersion))
    }
}
