import OnewayCore

// Lists by many keys, which a step of applying reads: one statement for all of them.
extension DatabaseConnection {
    func referrers(to keys: [RecordKey], from entity: Entity) throws(StoreError) -> [RecordKey: [GUID]] {
        var found = Dictionary(keys.map { ($0, [GUID]()) }, uniquingKeysWith: { first, _ in first })
        if keys.isEmpty { return found }
        let sql = """
            SELECT DISTINCT to_entity, to_id, id FROM edge
            WHERE (to_entity, to_id) IN (SELECT * FROM unnest($1::text[], $2::bytea[])) AND entity = $3 ORDER BY id
            """
        let query = DatabaseQuery(
            sql,
            [
                (.text, keys.map { .text($0.entity.rawValue) }), (.blob, keys.map { .blob($0.id.bytes) }),
            ],
            and: [.text(entity.rawValue)]
        )
        for row in try run(query).rows { found[try row.recordKey()]?.append(try row.guid(2)) }
        return found
    }

    func outbox(of opportunities: [GUID]) throws(StoreError) -> [GUID: [OutboxItem]] {
        var found = Dictionary(opportunities.map { ($0, [OutboxItem]()) }, uniquingKeysWith: { first, _ in first })
        if opportunities.isEmpty { return found }
        let query = DatabaseQuery(SQL.outboxOfMany, [(.blob, opportunities.map { .blob($0.bytes) })])
        for row in try run(query).rows {
            let item = try row.outboxItem()
            if let opportunity = item.opportunity { found[opportunity]?.append(item) }
        }
        return found
    }
}
