/// A record that Dynamics is asked for, and the last answer.
public struct Question: Hashable, Sendable {
    public let key: RecordKey
    public var reason: QuestionReason
    /// When it may be asked; nil: it is answered.
    public var nextAt: Timestamp?
    /// The number of times in a row that the same was asked and answered.
    public var attempts: Int
    public var askedAt: Timestamp?
    /// Dynamics' last answer, or why there was none.
    public var answer: String?

    public init(
        _ key: RecordKey,
        _ reason: QuestionReason,
        nextAt: Timestamp?,
        attempts: Int = 0,
        askedAt: Timestamp? = nil,
        answer: String? = nil
    ) {
        self.key = key
        self.reason = reason
        self.nextAt = nextAt
        self.attempts = attempts
        self.askedAt = askedAt
        self.answer = answer
    }

    public var isOpen: Bool { nextAt != nil }
}

/// The outcome of asking for one record.
public struct QuestionAnswer: Hashable, Sendable {
    public let key: RecordKey
    public let says: String
    /// When to ask again; nil: it is answered.
    public let nextAt: Timestamp?

    public init(_ key: RecordKey, says: String, nextAt: Timestamp? = nil) {
        self.key = key
        self.says = says
        self.nextAt = nextAt
    }
}

extension Ledger {
    public typealias Questions = RowSet<RecordKey, Question>

    /// The wait before the same is asked again although it was answered: the answer did not contain what is missing.
    static let repeatedPause = Pause(first: 60_000, most: 86_400_000)

    /// Opens questions. One that is open stays as it is, and the same one again waits longer each time, so that a column
    /// which Dynamics never gives is not asked for without end.
    public static func ask(_ asked: [RecordKey: QuestionReason], in rows: inout Questions, now: Timestamp) {
        for (key, reason) in asked {
            let soonest = Timestamp(milliseconds: now.milliseconds + reason.delayMilliseconds)
            guard var row = rows[key] else {
                rows[key] = Question(key, reason, nextAt: soonest)
                continue
            }
            if row.isOpen, reason != .refresh { continue }
            (row.nextAt, row.attempts) =
                row.reason == reason && reason != .refresh ? (repeated(row, soonest), row.attempts) : (soonest, 0)
            row.reason = reason
            rows[key] = row
        }
    }

    private static func repeated(_ row: Question, _ soonest: Timestamp) -> Timestamp {
        let pause = repeatedPause.milliseconds(after: row.attempts)
        return max(soonest, Timestamp(milliseconds: (row.askedAt ?? soonest).milliseconds + pause))
    }

    public static func answer(_ answers: [QuestionAnswer], in rows: inout Questions, now: Timestamp) {
        for answer in answers {
            guard var row = rows[answer.key] else { continue }
            (row.askedAt, row.answer, row.nextAt) = (now, answer.says, answer.nextAt)
            if !row.isOpen { row.attempts += 1 }
            rows[answer.key] = row
        }
    }
}
