import Threads

extension WriteSession {
    struct Performed {
        let appended: [Result<Appended, StoreError>]
        /// Hands the job's result or failure to whoever waits for it.
        let handOver: @Sendable () -> Void
    }

    /// One turn: one transaction, one fsync. Where there is no room or no file, appends are refused and the job still
    /// runs, because jobs are what makes room.
    func perform(_ entries: [PackedEntry], _ job: TurnQueue.Job?) throws(StoreError) -> Performed {
        let obstacle = entries.isEmpty ? nil : file.loss ?? limits.lackOfRoom(counters, file)
        let refused: [Result<Appended, StoreError>]? = obstacle.map { why in entries.map { _ in .failure(why) } }
        var handOver: @Sendable () -> Void = {}
        let appended = try transaction { () throws(StoreError) in
            let appended: [Result<Appended, StoreError>] =
                if let refused { refused } else { try append(entries).map { .success($0) } }
            if let job { handOver = try ride(job) }
            return appended
        }
        try noteReusable()
        return Performed(appended: appended, handOver: handOver)
    }

    /// A look at the head of the file, which is in the cache.
    func noteReusable() throws(StoreError) {
        let pages = try db.prepare("PRAGMA freelist_count").row { row in row.integer(0) } ?? 0
        file.reusable.withLock { $0 = pages * Int64(pageBytes) }
    }

    /// A job's failure is its own, unless it took the transaction with it.
    private func ride(_ job: TurnQueue.Job) throws(StoreError) -> @Sendable () -> Void {
        do throws(StoreError) {
            return try part { () throws(StoreError) in try job.work(self) }
        } catch {
            guard db.inTransaction else { throw error }
            return { job.failed(error) }
        }
    }
}
