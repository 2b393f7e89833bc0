extension Ledger {
    public typealias Jobs = RowSet<Job.Key, Job>

    /// Ended jobs of a kind that are remembered, for those who ask how they went.
    public static let endedJobsMax = 1_000

    /// Begins a job, unless it is running already or its kind runs alone and another one is. Returns whether it began.
    /// - Parameters:
    ///   - running: All of its kind that are running.
    ///   - surplus: Ended ones beyond those that are remembered: they go.
    public static func begin(_ job: Job, running: [Job], surplus: [Job], in rows: inout Jobs) -> Bool {
        if running.contains(where: { $0.key == job.key || job.key.kind.runsAlone }) { return false }
        for old in surplus { rows[old.key] = nil }
        rows[job.key] = job
        return true
    }
}
