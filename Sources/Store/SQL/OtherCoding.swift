import OnewayCore

extension Job {
    var values: [SQLValue] {
        key.values + [
            .text(state.rawValue), .blob(work), .optional(cursor), .text(JobCounts.encode(counts)),
            .integer(startedAt.milliseconds), .optional(endedAt?.milliseconds), .optional(message),
        ]
    }
}

extension Job.Key {
    var values: [SQLValue] { [.text(kind.rawValue), .text(name)] }
}

extension SQLRow {
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

extension RememberedLead {
    var values: [SQLValue] {
        [.text(value), .optional(id), .integer(askedAt.milliseconds), .integer(misses)]
    }
}

extension SQLRow {
    func lead() -> RememberedLead {
        RememberedLead(text(0), id: optionalInteger(1), askedAt: timestamp(2), misses: Int(integer(3)))
    }
}

extension Question {
    var values: [SQLValue] {
        key.values + [
            .text(reason.rawValue), .optional(nextAt?.milliseconds), .integer(attempts),
            .optional(askedAt?.milliseconds), .optional(answer),
        ]
    }
}

extension SQLRow {
    func question() throws(StoreError) -> Question {
        Question(
            RecordKey(try named(0), try guid(1)),
            try named(2),
            nextAt: optionalInteger(3).map(Timestamp.init(milliseconds:)),
            attempts: Int(integer(4)),
            askedAt: optionalInteger(5).map(Timestamp.init(milliseconds:)),
            answer: optionalText(6)
        )
    }
}

extension RefusalItem {
    var values: [SQLValue] {
        [.integer(number)] + key.values + [
            .integer(at.milliseconds), .integer(count), .integer(isAllowed ? 1 : 0),
        ]
    }
}

extension RefusalKey {
    /// No opportunity is stored as an empty id, because a unique index treats nulls as different.
    var values: [SQLValue] {
        [.text(door.rawValue), .text(who), .blob(opportunity?.bytes ?? [])]
    }
}

extension SQLRow {
    func refusal() throws(StoreError) -> RefusalItem {
        RefusalItem(
            number: integer(0),
            at: timestamp(1),
            door: try named(2),
            who: text(3),
            opportunity: optionalGUID(4),
            count: integer(5),
            isAllowed: integer(6) != 0
        )
    }
}

extension StaleRecord {
    var values: [SQLValue] { key.values + [.optional(after?.bytes), .integer(lane.rawValue)] }
}

extension SQLRow {
    func stale(_ key: RecordKey, after: Int32, lane: Int32) -> StaleRecord {
        StaleRecord(
            key,
            after: optionalGUID(after),
            lane: DeliveryLane(rawValue: Int(integer(lane))) ?? .live
        )
    }
}
