import OnewayCore

extension SQLLists {
    func refusals(before number: Int64, limit: Int) throws(StoreError) -> [RefusalItem] {
        try rows(SQL.refusalList, [.integer(number), .integer(limit)]) { row throws(StoreError) in
            try row.refusal()
        }
    }

    func leads(_ values: [String]) throws(StoreError) -> [String: RememberedLead] {
        let leads = try rows(SQL.leadGet, of: values, { [.text($0)] }) { row in row.lead() }
        return Dictionary(leads.map { ($0.value, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func note(_ name: String) throws(StoreError) -> [UInt8]? {
        try row(SQL.metaGet, [.text(name)]) { row in row.bytes(0) }
    }

    func jobs(_ kind: Job.Kind, _ state: Job.State?, limit: Int) throws(StoreError) -> [Job] {
        guard let state else {
            return try rows(SQL.jobs, [.text(kind.rawValue), .integer(limit)]) { row throws(StoreError) in
                try row.job()
            }
        }
        return try rows(SQL.jobsOfState, [.text(kind.rawValue), .text(state.rawValue), .integer(limit)]) {
            row throws(StoreError) in
            try row.job()
        }
    }

    func job(_ key: Job.Key) throws(StoreError) -> Job? {
        try rows(SQL.jobGet, keys: [key.values]) { row throws(StoreError) in try row.job() }.first
    }

    func events(of subjects: [GUID], limit: Int) throws(StoreError) -> [DeliveryEvent] {
        var found: [(number: Int64, event: DeliveryEvent)] = []
        for subject in Set(subjects) {
            found += try rows(SQL.eventsOf, [.blob(subject.bytes), .integer(limit)]) { row throws(StoreError) in
                (row.integer(0), try row.event())
            }
        }
        return found.sorted { $0.number > $1.number }.prefix(limit).map(\.event)
    }

    func questions(_ keys: [RecordKey]) throws(StoreError) -> [Question] {
        try rows(SQL.questionGet, of: keys, \.values) { row throws(StoreError) in try row.question() }
    }

    func openQuestions(of entity: Entity, limit: Int) throws(StoreError) -> [Question] {
        try rows(SQL.questionsOpen, [.text(entity.rawValue), .integer(limit)]) { row throws(StoreError) in
            try row.question()
        }
    }
}
