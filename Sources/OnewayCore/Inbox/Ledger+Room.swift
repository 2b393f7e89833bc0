/// The number of rows and bytes over the limit.
public struct Surplus: Hashable, Sendable {
    public private(set) var rows: Int64
    public private(set) var bytes: Int64

    public init(rows: Int64, bytes: Int64) {
        (self.rows, self.bytes) = (max(0, rows), max(0, bytes))
    }

    public var isNothing: Bool { rows == 0 && bytes == 0 }

    /// Whether the next oldest row has to go too, which is then counted as gone.
    public mutating func takes(_ row: InboxRow) -> Bool {
        guard rows > 0 || bytes > 0 else { return false }
        rows -= 1
        bytes -= Int64(row.item.bodyBytes)
        return true
    }
}

extension Ledger {
    /// How far the rows that give way exceed their limits, which keep an endless sender from filling the disk.
    public static func surplus(of outcome: Outcome, _ counters: Counters, _ limits: StoreLimits) -> Surplus {
        switch outcome {
        case .accepted, .refused: Surplus(rows: 0, bytes: 0)
        case .ignored: Surplus(rows: counters[.briefIgnored] - limits.ignoredRowsMax, bytes: 0)
        case .quarantined:
            Surplus(
                rows: counters[.briefQuarantined] - limits.quarantinedRowsMax,
                bytes: counters[.briefQuarantinedBytes] - limits.quarantinedBytesMax
            )
        }
    }

    /// The oldest rows to remove. If only the byte limit is exceeded, the newest row stays.
    /// - Parameters:
    ///   - oldest: Enough of the oldest rows to cover the surplus, or all of them.
    ///   - count: The total number of rows.
    public static func giveWay(_ oldest: [InboxRow], of count: Int64, for surplus: Surplus) -> [InboxRow] {
        var (surplus, left) = (surplus, count)
        return Array(
            oldest.prefix { row in
                guard surplus.rows > 0 || left > 1 else { return false }
                left -= 1
                return surplus.takes(row)
            }
        )
    }

    /// Rows that are not applied yet are never dropped, so nothing more is accepted once they alone fill the inbox.
    public static func isFull(_ counters: Counters, _ limits: StoreLimits) -> Bool {
        counters[.unappliedBytes] >= limits.inboxBytesMax
    }

    /// One step of retention.
    public struct Pruning: Hashable, Sendable {
        public let removed: [InboxRow]
        /// Where the next step continues; nil: from the oldest.
        public let last: InboxID?
    }

    /// Rows that are not applied stay, regardless of age. Applied rows are removed when they are too old, or while the
    /// inbox exceeds its limit.
    /// - Parameters:
    ///   - rows: The oldest rows after the end of the last step.
    ///   - rowsMax: The number of rows requested.
    public static func prune(
        _ rows: [InboxRow],
        rowsMax: Int,
        olderThan oldest: Timestamp,
        _ counters: Counters,
        _ limits: StoreLimits
    ) -> Pruning {
        var bytes = counters[.bodyBytes]
        var removed: [InboxRow] = []
        for row in rows {
            guard bytes > limits.inboxBytesMax || row.item.receivedAt < oldest else {
                return Pruning(removed: removed, last: nil)
            }
            if row.waitsSince != nil { continue }
            bytes -= Int64(row.item.bodyBytes)
            removed.append(row)
        }
        return Pruning(removed: removed, last: rows.count < rowsMax ? nil : rows.last?.id)
    }
}
