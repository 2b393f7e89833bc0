import OnewayCore

extension WriteSession {
    func save(_ changes: [RowChange<RefusalItem>]) throws(StoreError) {
        for change in changes {
            if let row = change.after {
                try db.prepare(SQL.refusalSet).run(
                    row.values
                )
            } else if let row = change.before {
                try db.prepare(SQL.refusalDelete).run([.integer(row.number)])
            }
        }
    }
}
