public import OnewayCore

/// The number of rows of a query.
public struct RowCount: Hashable, Sendable {
    public let rows: Int
    /// Dynamics stops counting at 5,000.
    public let isAtLeast: Bool

    public init(rows: Int, isAtLeast: Bool) { (self.rows, self.isAtLeast) = (rows, isAtLeast) }
}

extension DataverseClient {
    /// The number of all rows of each table, with one request. Dynamics counts now and then: the answer may be a day old.
    public func totals(_ entities: [Entity]) async -> DataverseOutcome<[Entity: Int]> {
        let names = entities.map { "'\($0.rawValue)'" }.joined(separator: ",")
        let path = "RetrieveTotalRecordCount(EntityNames=[\(names)])"
        return await read(.get(path, table: entities.first?.rawValue ?? "")) { _, root in
            guard let counts = root["EntityRecordCountCollection"], let keys = counts["Keys"]?.elements,
                let values = counts["Values"]?.elements, keys.count == values.count
            else { return nil }
            var totals: [Entity: Int] = [:]
            for (key, value) in zip(keys, values) {
                if let entity = key.string.flatMap(Entity.init), let number = value.int { totals[entity] = number }
            }
            return totals
        }
    }

    /// The number of rows of a query, now.
    public func count(_ query: RowQuery, of entity: Entity) async -> DataverseOutcome<RowCount> {
        let filter = query.filter.map { "&$filter=\(PercentEncoding.encoded($0))" } ?? ""
        let limitExceeded = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
        let request = DataverseRequest.get(
            "\(entity.setName)?$select=\(entity.keyColumn)&$count=true\(filter)",
            table: entity.rawValue,
            prefer: ["odata.maxpagesize=1", "odata.include-annotations=\"\(limitExceeded)\""]
        )
        return await read(request) { _, root in
            guard let rows = root["@odata.count"]?.int else { return nil }
            return RowCount(rows: rows, isAtLeast: root["@\(limitExceeded)"]?.bool ?? false)
        }
    }
}
