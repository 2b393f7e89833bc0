import OnewayCore

extension Rows {
    /// False where it is running already, or another one of a kind that runs alone.
    func begin(_ job: Job) throws(StoreError) -> Bool {
        let surplus = try endedJobs(job.key.kind, after: Ledger.endedJobsMax)
        var rows = RowSet(try jobs([job.key]) + surplus, by: \.key)
        let begins = Ledger.begin(job, running: try runningJobs(job.key.kind), surplus: surplus, in: &rows)
        var changes = Changes()
        changes.jobs = rows.changes
        try save(changes)
        return begins
    }

    func save(_ job: Job) throws(StoreError) {
        var changes = Changes()
        changes.jobs = try progress([job])
        changes.forgetOrders(to: [job])
        try save(changes)
    }

    /// How far these have come now.
    func progress(_ jobs: [Job]) throws(StoreError) -> [RowChange<Job>] {
        if jobs.isEmpty { return [] }
        var rows = RowSet(try self.jobs(jobs.map(\.key)), by: \.key)
        for job in jobs { rows[job.key] = job }
        return rows.changes
    }
}

extension Changes {
    /// Nothing can be ordered of a job that has ended.
    mutating func forgetOrders(to jobs: [Job]) {
        for job in jobs where job.state != .running { notes.updateValue(nil, forKey: Orders.note(of: job.key)) }
    }
}
