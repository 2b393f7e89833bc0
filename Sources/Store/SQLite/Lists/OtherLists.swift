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
}
