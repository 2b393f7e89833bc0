import OnewayCore

extension WriteSession {
    func jobs(_ keys: [Job.Key]) throws(StoreError) -> [Job] {
        try rows(SQL.jobGet, of: keys, \.values) { row throws(StoreError) in try row.job() }
    }

    func runningJobs(_ kind: Job.Kind) throws(StoreError) -> [Job] { try db.jobs(kind, .running, limit: .max) }

    func endedJobs(_ kind: Job.Kind, after newest: Int) throws(StoreError) -> [Job] {
        try db.prepare(SQL.jobsEnded).rows([.text(kind.rawValue), .integer(newest)]) { row throws(StoreError) in
            try row.job()
        }
    }

    func save(_ changes: [RowChange<Job>]) throws(StoreError) {
        for change in changes {
            if let job = change.after {
                try db.prepare(SQL.jobSet).run(
                    job.key.values + [
                        .text(job.state.rawValue), .blob(job.work), .optional(job.cursor),
                        .text(JobCounts.encode(job.counts)),
                        .integer(job.startedAt.milliseconds), .optional(job.endedAt?.milliseconds),
                        .optional(job.message),
                    ]
                )
            } else if let job = change.before {
                try db.prepare(SQL.jobDelete).run(job.key.values)
            }
        }
    }
}

extension Job.Key {
    var values: [SQLValue] { [.text(kind.rawValue), .text(name)] }
}

extension Row {
    func job() throws(StoreError) -> Job {
        var job = Job(Job.Key(try named(0), text(1)), work: bytes(3), startedAt: timestamp(6))
        job.state = try named(2)
        (job.cursor, job.message) = (optionalText(4), optionalText(8))
        job.counts = JobCounts.decode(text(5))
        job.endedAt = optionalInteger(7).map(Timestamp.init(milliseconds:))
        return job
    }
}

/// The figures of a job as a JSON object.
enum JobCounts {
    static func encode(_ counts: [String: Int]) -> String {
        let members = counts.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .int($0.value)) }
        return String(decoding: JSON.object(members).encoded, as: UTF8.self)
    }

    static func decode(_ text: String) -> [String: Int] {
        let members = (try? JSONDocument(Array(text.utf8)).root)?.members ?? []
        return Dictionary(members.compactMap { member in member.value.int.map { (member.name, $0) } }) { $1 }
    }
}
