import OnewayCore

extension WriteSession {
    /// Looks at the `rowsMax` oldest rows from where the last step ended. What is not applied stays, whatever its age.
    /// What is applied goes when it is too old, or while the inbox takes more than it may.
    func prune(olderThan oldest: Timestamp, rowsMax: Int) throws(StoreError) -> Pruned {
        let rows = try db.prepare(SQL.inboxFrom).rows([.integer(prunedTo), .integer(rowsMax)]) { row in
            (id: InboxID(number: row.integer(0)), receivedAt: row.timestamp(1))
        }
        var removed = 0
        for row in rows {
            let isTooMuch = counters[.bodyBytes] > limits.inboxBytesMax
            guard isTooMuch || row.receivedAt < oldest else { return finishPruning(removed, isDone: true) }
            let isWaiting = try db.prepare(SQL.unappliedGet).row([.integer(row.id.number)]) { _ in true } ?? false
            prunedTo = row.id.number
            if isWaiting { continue }
            try remove(row.id)
            removed += 1
        }
        return finishPruning(removed, isDone: rows.count < rowsMax)
    }

    private func finishPruning(_ removed: Int, isDone: Bool) -> Pruned {
        if isDone { prunedTo = 0 }
        return Pruned(rows: removed, isDone: isDone)
    }
}
