import OnewayCore
import Threads

extension WriteSession {
    struct Performed {
        let appended: [Result<Appended, StoreError>]
        /// Hands the job's result or failure to its caller.
        let handOver: @Sendable () -> Void
    }

    /// Performs one turn: one transaction, one fsync. When there is no room or no file, appends are refused and the job
    /// still runs, because jobs make room.
    func perform(_ entries: [PackedEntry], _ job: TurnQueue.Job?) throws(StoreError) -> Performed {
        let loss = entries.isEmpty ? nil : file.loss
        let lack = entries.isEmpty ? nil : limits.lackOfRoom(counters, file)
        var handOver: @Sendable () -> Void = {}
        let (appended, reusable) = try transaction { () throws(StoreError) in
            let appended =
                if let loss {
                    entries.map { _ in Result<Appended, StoreError>.failure(loss) }
                } else {
                    try append(entries, lack: lack)
                }
            if let job { handOver = try ride(job) }
            return (appended, try freeBytesInFile())
        }
        file.reusable.withLock { $0 = reusable }
        return Performed(appended: appended, handOver: handOver)
    }

    /// Reads only the header of the file, which is in the cache.
    func freeBytesInFile() throws(StoreError) -> Int64 {
        let pages = try db.prepare("PRAGMA freelist_count").row { row in row.integer(0) } ?? 0
        return pages * Int64(pageBytes)
    }

    /// A job fails alone, unless SQLite rolled the whole transaction back.
    private func ride(_ job: TurnQueue.Job) throws(StoreError) -> @Sendable () -> Void {
        do throws(StoreError) {
            return try part { () throws(StoreError) in try job.work(self) }
        } catch {
            guard db.inTransaction else { throw error }
            return { job.failed(error) }
        }
    }
}
