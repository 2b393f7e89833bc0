/// Rows that are too many, and bytes that are too many.
public struct Surplus: Hashable, Sendable {
    public let rows: Int64
    public let bytes: Int64

    public init(rows: Int64, bytes: Int64) {
        (self.rows, self.bytes) = (max(0, rows), max(0, bytes))
    }

    public var isNothing: Bool { rows == 0 && bytes == 0 }
}

extension Ledger {
    /// By how much those that give way exceed their limits, so that whoever sends them for ever fills no disk.
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

    /// Which of the oldest go. For the sake of bytes alone, the newest stays.
    /// - Parameters:
    ///   - oldest: Enough of them to cover the surplus, or all there are.
    ///   - count: How many there are.
    public static func giveWay(_ oldest: [InboxRow], of count: Int64, for surplus: Surplus) -> [InboxRow] {
        var (rows, bytes, left) = (surplus.rows, surplus.bytes, count)
        return Array(
            oldest.prefix { row in
                guard rows > 0 || bytes > 0 && left > 1 else { return false }
                rows -= 1
                bytes -= Int64(row.item.bodyBytes)
                left -= 1
                return true
            }
        )
    }

    /// What is not applied yet is never given up, so nothing more comes in once that alone fills the inbox.
    public static func isFull(_ counters: Counters, _ limits: StoreLimits) -> Bool {
        counters[.unappliedBytes] >= limits.inboxBytesMax
    }

    /// One step of retention.
    public struct Pruning: Hashable, Sendable {
        public let removed: [InboxRow]
        /// Where the next step goes on; nil: from the oldest on.
        public let last: InboxID?
    }

    /// What is not applied stays, whatever its age. What is applied goes when it is too old, or while the inbox takes
    /// more than it may.
    /// - Parameters:
    ///   - rows: The oldest after where the last step ended.
    ///   - rowsMax: As many were asked for.
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
