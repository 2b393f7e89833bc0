import OnewayCore

extension Connection: Lists {
    func refusals(before number: Int64, limit: Int) throws(StoreError) -> [RefusalItem] {
        try prepare(SQL.refusalList).rows([.integer(number), .integer(limit)]) { row throws(StoreError) in
            try row.refusal()
        }
    }

    func leads(_ values: [String]) throws(StoreError) -> [String: RememberedLead] {
        let get = try prepare(SQL.leadGet)
        var found: [String: RememberedLead] = [:]
        for value in values { found[value] = try get.row([.text(value)]) { row in row.lead() } }
        return found
    }

    func note(_ name: String) throws(StoreError) -> [UInt8]? {
        try prepare(SQL.metaGet).row([.text(name)]) { row in row.bytes(0) }
    }

    func jobs(_ kind: Job.Kind, _ state: Job.State?, limit: Int) throws(StoreError) -> [Job] {
        guard let state else {
            return try prepare(SQL.jobs).rows([.text(kind.rawValue), .integer(limit)]) { row throws(StoreError) in
                try row.job()
            }
        }
        return try prepare(SQL.jobsOfState)
            .rows([.text(kind.rawValue), .text(state.rawValue), .integer(limit)]) { row throws(StoreError) in
                try row.job()
            }
    }

    func job(_ key: Job.Key) throws(StoreError) -> Job? {
        try prepare(SQL.jobGet).row(key.values) { row throws(StoreError) in try row.job() }
    }
}
