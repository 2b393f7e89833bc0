import OnewayCore

extension WriteSession {
    func save(_ changes: [RowChange<Job>]) throws(StoreError) {
        for change in changes {
            if let job = change.after {
                try db.prepare(SQL.jobSet).run(
                    job.values
                )
            } else if let job = change.before {
                try db.prepare(SQL.jobDelete).run(job.key.values)
            }
        }
    }
}
