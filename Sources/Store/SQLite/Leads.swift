import OnewayCore

extension WriteSession {
    func remember(_ leads: [RememberedLead]) throws(StoreError) {
        for lead in leads {
            try db.prepare(SQL.leadSet).run([
                .text(lead.value), .optional(lead.id), .integer(lead.askedAt.milliseconds), .integer(lead.misses),
            ])
        }
    }
}

extension Connection {
    func leads(_ values: [String]) throws(StoreError) -> [String: RememberedLead] {
        var found: [String: RememberedLead] = [:]
        for value in values {
            found[value] = try prepare(SQL.leadGet).row([.text(value)]) { row in
                RememberedLead(
                    row.text(0),
                    id: row.optionalInteger(1),
                    askedAt: row.timestamp(2),
                    misses: Int(row.integer(3))
                )
            }
        }
        return found
    }
}
