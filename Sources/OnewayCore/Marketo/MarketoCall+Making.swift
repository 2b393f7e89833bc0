// The calls there are. Records are JSON objects, encoded already; at most `MarketoBatches.recordsMax` to a call.
extension MarketoCall {
    /// Creates or updates by the fields that identify a record of this kind.
    public static func sync(_ kind: RecordKind, _ records: [[UInt8]]) -> MarketoCall {
        let members: [JSON.Member] = [.init("action", "createOrUpdate"), .init("dedupeBy", "dedupeFields")]
        return posting(records, members, kind.marketo.sync, "\(kind.marketo.path).json", secondsMax: 60)
    }

    /// The keys are objects that hold the identifying fields alone.
    public static func delete(_ kind: RecordKind, _ keys: [[UInt8]]) -> MarketoCall {
        let members: [JSON.Member] = [.init("deleteBy", "dedupeFields")]
        return posting(keys, members, kind.marketo.delete, "\(kind.marketo.path)/delete.json", secondsMax: 60)
    }

    public static func describe(_ kind: RecordKind) -> MarketoCall {
        getting(kind.marketo.describe, "\(kind.marketo.path)/describe.json")
    }

    /// With the fields by which leads can be found, which the older description lacks.
    public static var describeLeads: MarketoCall { getting(.leadsDescribe, "leads/describe2.json") }

    /// Asks for records by the values of one field. The answer is in no order, and leaves out what was not found; a
    /// value that Marketo cannot be asked for (an empty one, one with a comma) is never found.
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

    /// Several leads may have the same value.
    public static func findLeads(
        _ field: String,
        _ values: [String],
        fields: [String],
        page: String? = nil
    ) -> MarketoCall {
        finding(values, field, fields, page, .leadsFind, "leads", secondsMax: 60)
    }

    /// Creates or updates leads. The same value twice, or in two calls at once, makes two leads.
    /// `partition`: where new ones go; nil where Marketo has but one.
    public static func syncLeads(_ lookupField: String, _ records: [[UInt8]], partition: String?) -> MarketoCall {
        let members: [JSON.Member] =
            [.init("action", "createOrUpdate"), .init("lookupField", .string(lookupField))]
            + (partition.map { [.init("partitionName", .string($0))] } ?? [])
        return posting(records, members, .leadsSync, "leads.json", secondsMax: 90)
    }

    /// How many calls were made today. Needs no permission, so it tells whether the token is good.
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

    /// Posted, because Marketo takes addresses of 8 KB at most and 300 ids are 11.
    private static func finding(
        _ values: [String],
        _ field: String,
        _ fields: [String],
        _ page: String?,
        _ name: MarketoCallName,
        _ path: String,
        secondsMax: Int
    ) -> MarketoCall {
        let askable = values.filter { !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: ",")) }
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
