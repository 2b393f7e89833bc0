import OnewayCore

/// Executes writes through the Web API: to endpoints, steps, and images only.
struct WebWriter: Sendable {
    var book: DataverseBook
    let privileges: Privileges
    let user: GUID
    let request: WebRequest
    let now: Timestamp

    mutating func answer() throws(DataverseError) -> WebAnswer {
        switch (request.method, request.resource) {
        case ("POST", .collection(let set)): return try create(set, id: nil)
        case ("PATCH", .row(let set, let id)): return try change(set, id)
        case ("DELETE", .row(let set, let id)): return try delete(set, id)
        case (_, .collection(let set)) where book.tables.table(set: set) != nil:
            throw DataverseError(405, "0x80060888", "\(request.method) is not supported for a collection of rows.")
        case (_, .row(let set, _)) where book.tables.table(set: set) != nil:
            throw DataverseError(405, "0x80060888", "\(request.method) is not supported for a row.")
        case (_, .unknown): throw .missingSegment(request.resource.pattern)
        default:
            throw DataverseError(
                404,
                "",
                "No HTTP resource was found that matches the request URI '\(request.base)/\(request.resource.pattern)'."
            )
        }
    }

    private func writable(_ set: String, _ verb: String) throws(DataverseError) -> Table {
        guard let table = book.tables.table(set: set) else { throw .missingSegment(set) }
        try privileges.check(verb, table, of: user)
        if table.writers == .nobody { throw .missingMethod(verb == "Write" ? "Update" : verb, table.name) }
        return table
    }

    private mutating func create(_ set: String, id: GUID?) throws(DataverseError) -> WebAnswer {
        let table = try writable(set, "Create")
        let payload = try PayloadReader(table, book.tables).read(request.json())
        var values = payload.values
        if table.name == "sdkmessageprocessingstep" {
            values.merge(["rank": .number("1"), "supporteddeployment": .choice(0)]) { sent, _ in sent }
            for flag in ["asyncautodelete", "canbebypassed"] where values[flag] == nil { values[flag] = false }
        }
        let applied = try book.create(table.name, id ?? payload.id, values, by: Origin(user: user), now: now)
        return try answer(table, applied.id, isNew: true)
    }

    /// Creates the row if the id is unknown, unless there is an `If-Match`.
    private mutating func change(_ set: String, _ id: GUID) throws(DataverseError) -> WebAnswer {
        let table = try writable(set, "Write")
        guard let row = book[table.name][id] else {
            guard request.ifMatch == nil else { throw .missingRow(table.name, id) }
            return try create(set, id: id)
        }
        try checkVersion(row)
        let values = try PayloadReader(table, book.tables).read(request.json()).values
        _ = try book.update(table.name, id, values, by: Origin(user: user), now: now)
        return try answer(table, id, isNew: false)
    }

    private mutating func delete(_ set: String, _ id: GUID) throws(DataverseError) -> WebAnswer {
        let table = try writable(set, "Delete")
        try checkVersion(book.needed(table.name, id))
        _ = try book.delete(table.name, id, by: Origin(user: user), now: now)
        return WebAnswer(.none, status: 204)
    }

    private func checkVersion(_ row: Row) throws(DataverseError) {
        if request.ifNoneMatch == "*" {
            throw DataverseError(412, "0x80040237", "A record with matching key values already exists.")
        }
        guard let wanted = request.ifMatch, wanted != "*", wanted != RowForm.etag(row) else { return }
        throw DataverseError(
            412,
            "0x80060882",
            "The version of the existing record doesn't match the RowVersion property provided."
        )
    }

    private func answer(_ table: Table, _ id: GUID, isNew: Bool) throws(DataverseError) -> WebAnswer {
        let row = try book.needed(table.name, id)
        try RegistrationCheck(book: book).check(row)
        let address = [("OData-EntityId", "\(request.base)/\(table.set)(\(id))")]
        guard request.preferences.wantsRepresentation else { return WebAnswer(.none, status: 204, headers: address) }
        let options = try QueryOptions(request.parameters)
        let form = try RowForm(table, select: options.select, annotations: request.preferences.annotations)
        let context = "\(request.base)/$metadata#\(table.set)/$entity"
        let applied = request.preferences.applied.map { [("Preference-Applied", $0)] } ?? []
        return WebAnswer(
            .json(form.json(row, in: book, context: context)),
            status: isNew ? 201 : 200,
            headers: address + applied
        )
    }
}
