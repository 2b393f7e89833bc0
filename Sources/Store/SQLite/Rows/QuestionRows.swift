import OnewayCore

extension WriteSession {
    func questions(_ keys: [RecordKey]) throws(StoreError) -> [Question] { try db.questions(keys) }

    func save(_ changes: [RowChange<Question>]) throws(StoreError) {
        for change in changes {
            if let question = change.after {
                try db.prepare(SQL.questionSet).run(
                    question.key.values + [
                        .text(question.reason.rawValue), .optional(question.nextAt?.milliseconds),
                        .integer(question.attempts), .optional(question.askedAt?.milliseconds),
                        .optional(question.answer),
                    ]
                )
            } else if let question = change.before {
                try db.prepare(SQL.questionDelete).run(question.key.values)
            }
        }
    }
}

extension Connection {
    func questions(_ keys: [RecordKey]) throws(StoreError) -> [Question] {
        let get = try prepare(SQL.questionGet)
        var found: [Question] = []
        for key in Set(keys) {
            if let question = try get.row(key.values, read: { row throws(StoreError) in try row.question() }) {
                found.append(question)
            }
        }
        return found
    }

    func openQuestions(of entity: Entity, limit: Int) throws(StoreError) -> [Question] {
        try prepare(SQL.questionsOpen).rows([.text(entity.rawValue), .integer(limit)]) { row throws(StoreError) in
            try row.question()
        }
    }
}

extension Row {
    fileprivate func question() throws(StoreError) -> Question {
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
