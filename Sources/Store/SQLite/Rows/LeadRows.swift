import OnewayCore

extension WriteSession {
    func save(_ leads: [RememberedLead], forgotten: [String]) throws(StoreError) {
        for lead in leads {
            try db.prepare(SQL.leadSet).run(lead.values)
        }
        for value in forgotten { try db.prepare(SQL.leadDelete).run([.text(value)]) }
    }
}
