// All the calls. Records are already encoded JSON objects, at most `MarketoBatches.recordsMax` per call.
extension MarketoCall {
    /// Creates or updates records by the fields that identify their kind; of people, updates those that exist.
    public static func sync(_ kind: RecordKind, _ records: [[UInt8]]) -> MarketoCall {
        if kind == .person { return updateLeads(records) }
        let members: [JSON.Member] = [.init("action", "createOrUpdate"), .init("dedupeBy", "dedupeFields")]
        return posting(records, members, kind.marketo.sync, "\(kind.marketo.path).json", secondsMax: 60)
    }

    /// The keys are objects that contain only the identifying fields. Nil for people and sales persons: Oneway deletes
    /// none.
    public static func delete(_ kind: RecordKind, _ keys: [[UInt8]]) -> MarketoCall? {
        guard let name = kind.marketo.delete else { return nil }
        let members: [JSON.Member] = [.init("deleteBy", "dedupeFields")]
        return posting(keys, members, name, "\(kind.marketo.path)/delete.json", secondsMax: 60)
    }

    public static func describe(_ kind: RecordKind) -> MarketoCall {
        kind == .person ? describeLeads : getting(kind.marketo.describe, "\(kind.marketo.path)/describe.json")
    }

    /// Includes the fields that leads can be searched by, which the older `describe` lacks.
    public static var describeLeads: MarketoCall { getting(.leadsDescribe, "leads/describe2.json") }

    /// Queries records by the values of one field. The answer is unordered and leaves out records that were not found.
    /// A value that cannot be part of a query (an empty one, or one with a comma) is never found.
    public static func find(
        _ kind: RecordKind,
        ids: [String],
        by field: String,
        fields: [String],
        page: String? = nil
    ) -> MarketoCall {
        let object = kind.marketo
        return finding(ids, field, fields, page, object.find, object.path, secondsMax: 30)
    }

    /// Whether a value can be part of a query.
    public static func isAskable(_ value: String) -> Bool { !value.isEmpty && !value.utf8.contains(UInt8(ascii: ",")) }

    /// Several leads may have the same value.
    public static func findLeads(
        _ field: String,
        _ values: [String],
        fields: [String],
        page: String? = nil
    ) -> MarketoCall {
        finding(values, field, fields, page, .leadsFind, "leads", secondsMax: 60)
    }

    /// Creates or updates leads. The same value twice, or in two calls at once, creates two leads.
    /// `partition`: for new leads; nil if Marketo has only one.
    public static func syncLeads(_ lookupField: String, _ records: [[UInt8]], partition: String?) -> MarketoCall {
        let members: [JSON.Member] =
            [.init("action", "createOrUpdate"), .init("lookupField", .string(lookupField))]
            + (partition.map { [.init("partitionName", .string($0))] } ?? [])
        return posting(records, members, .leadsSync, "leads.json", secondsMax: 90)
    }

    /// Updates leads by their ids, and can create none. A partition is not named: each lead stays in its own.
    private static func updateLeads(_ records: [[UInt8]]) -> MarketoCall {
        let members: [JSON.Member] = [.init("action", "updateOnly"), .init("lookupField", "id")]
        return posting(records, members, .leadsSync, "leads.json", secondsMax: 90)
    }

    /// The number of calls made today. Needs no permission, so it checks whether the token is valid.
    public static var usage: MarketoCall { getting(.usage, "stats/usage.json") }
}

extension MarketoCall {
    private static func getting(_ name: MarketoCallName, _ path: String) -> MarketoCall {
        MarketoCall(name: name, method: .get, path: "/rest/v1/\(path)", body: .none, secondsMax: 30, records: 0)
    }

    private static func posting(
        _ records: [[UInt8]],
        _ members: [JSON.Member],
        _ name: MarketoCallName,
        _ path: String,
        secondsMax: Int
    ) -> MarketoCall {
        let input = JSON.Member("input", .array(records.map(JSON.encoded)))
        return MarketoCall(
            name: name,
            method: .post,
            path: "/rest/v1/\(path)",
            body: .json(JSON.object(members + [input]).encoded),
            secondsMax: secondsMax,
            records: records.count
        )
    }

    /// Posted, because Marketo accepts URLs of at most 8 KB and 300 ids take 11 KB.
    private static func finding(
        _ values: [String],
        _ field: String,
        _ fields: [String],
        _ page: String?,
        _ name: MarketoCallName,
        _ path: String,
        secondsMax: Int
    ) -> MarketoCall {
        let askable = values.filter(isAskable)
        var form = [("filterType", field), ("filterValues", askable.joined(separator: ","))]
        if !fields.isEmpty { form.append(("fields", fields.joined(separator: ","))) }
        if let page { form.append(("nextPageToken", page)) }
        return MarketoCall(
            name: name,
            method: .post,
            path: "/rest/v1/\(path).json?_method=GET",
            body: .form(Array(PercentEncoding.query(form).utf8)),
            secondsMax: secondsMax,
            records: askable.count
        )
    }
}
