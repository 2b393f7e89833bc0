import OnewayCore

extension WriteSession {
    func save(_ changes: [RowChange<Question>]) throws(StoreError) {
        for change in changes {
            if let question = change.after {
                try db.prepare(SQL.questionSet).run(
                    question.values
                )
            } else if let question = change.before {
                try db.prepare(SQL.questionDelete).run(question.key.values)
            }
        }
    }
}
