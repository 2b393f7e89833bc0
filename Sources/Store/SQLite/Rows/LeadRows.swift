import OnewayCore

extension WriteSession {
    func save(_ leads: [RememberedLead], forgotten: [String]) throws(StoreError) {
        for lead in leads {
            try db.prepare(SQL.leadSet).run([
                .text(lead.value), .optional(lead.id), .integer(lead.askedAt.milliseconds), .integer(lead.misses),
            ])
        }
        for value in forgotten { try db.prepare(SQL.leadDelete).run([.text(value)]) }
    }
}

extension Row {
    func lead() -> RememberedLead {
        RememberedLead(text(0), id: optionalInteger(1), askedAt: timestamp(2), misses: Int(integer(3)))
    }
}
