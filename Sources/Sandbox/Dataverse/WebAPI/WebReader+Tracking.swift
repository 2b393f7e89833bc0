import OnewayCore

/// Change tracking: changed rows in the order of their versions, then deletions.
extension WebReader {
    enum TrackedChange: Sendable {
        case row(Row)
        case deletion(Rows.Deletion)

        var told: (version: Int64, isDeletion: Bool) {
            switch self {
            case .row(let row): (row.version, false)
            case .deletion(let deletion): (deletion.version, true)
            }
        }
    }

    func trackedPage(_ table: Table, _ options: QueryOptions) throws(DataverseError) -> WebAnswer {
        guard table.tracksChanges else {
            throw .bad("Change tracking is not enabled for entity '\(table.name)'.")
        }
        for name in ["$filter", "$orderby", "$expand", "$top"]
        where options.lasting.contains(where: { $0.name == name }) {
            throw .bad("The \"\(name)\" query parameter isn't supported when Change Tracking is enabled.")
        }
        let cookie = try cookie(options)
        let upTo = cookie?.tracked ?? book.version
        let size = request.preferences.pageSize ?? Preferences.pageSizeMax
        let form = try RowForm(table, select: options.select, annotations: request.preferences.annotations)
        var found: [TrackedChange]
        if let token = options.deltaToken {
            found = try changes(table, since: version(token), upTo: upTo, after: cookie?.told)
        } else {
            let rows = Self.rows(book[table.name], after: cookie?.place.id, limit: size + 1) { _ in true }
            found = rows.map { .row($0) }
        }
        let isLast = found.count <= size
        found = Array(found.prefix(size))
        var members: [JSON.Member] = [
            .init(
                "@odata.context",
                .string(context(table.set, options.select) + (options.deltaToken == nil ? "" : "/$delta"))
            )
        ]
        if isLast {
            members.append(.init("@odata.deltaLink", .string(link(table.set, options, [deltaToken(upTo)]))))
        }
        members.append(.init("value", .array(found.map { json($0, table, form) })))
        if !isLast, let last = found.last {
            let next = PagingCookie(
                page: (cookie?.page ?? 1) + 1,
                place: .init(values: [], id: last.id),
                tracked: upTo,
                told: options.deltaToken == nil ? nil : last.told
            )
            let token = options.deltaToken.map { [("$deltatoken", $0)] } ?? []
            members.append(
                .init("@odata.nextLink", .string(link(table.set, options, token + [("$skiptoken", next.text)])))
            )
        }
        return answer(.object(members))
    }

    /// In the order of the answer. Rows that changed again after `upTo` are left for the next delta link.
    func changes(
        _ table: Table,
        since version: Int64,
        upTo: Int64,
        after told: (version: Int64, isDeletion: Bool)?
    ) -> [TrackedChange] {
        let shelf = book[table.name]
        let rows = shelf.all.filter { row in
            row.version > version && row.version <= upTo
                && told.map { !$0.isDeletion && row.version > $0.version } ?? true
        }.sorted { $0.version < $1.version }
        let deletions = shelf.deletions.filter { deletion in
            deletion.version > version && deletion.version <= upTo
                && told.map { !$0.isDeletion || deletion.version > $0.version } ?? true
        }
        return rows.map { .row($0) } + deletions.map { .deletion($0) }
    }

    private func json(_ change: TrackedChange, _ table: Table, _ form: RowForm) -> JSON {
        switch change {
        case .row(let row): form.json(row, in: book)
        case .deletion(let deletion):
            [
                "@odata.context": .string("\(request.base)/$metadata#\(table.set)/$deletedEntity"),
                "id": .string("\(deletion.id)"), "reason": "deleted",
            ]
        }
    }

    /// `919042!08/22/2017 08:10:44`
    private func deltaToken(_ version: Int64) -> (String, String) {
        let text = "\(Timestamp(second: now.second))"
        let date = text.prefix(10).split(separator: "-")
        return ("$deltatoken", "\(version)!\(date[1])/\(date[2])/\(date[0]) \(text.dropFirst(11).dropLast())")
    }

    func version(_ token: String) throws(DataverseError) -> Int64 {
        let parts = token.split(separator: "!", maxSplits: 1)
        guard parts.count == 2, let version = Int64(parts[0]), let given = Self.moment(parts[1]) else {
            throw .bad("The delta token '\(token.prefix(80))' is malformed.")
        }
        let organization = book["organization"].all.first { _ in true }
        let days = organization?.values["expirechangetrackingindays"]?.digits.flatMap { Int64($0) } ?? 7
        guard version >= book.oldestVersion, now.milliseconds - given.milliseconds <= days * 86_400_000 else {
            throw DataverseError(
                400,
                "0x80044352",
                "Version stamp associated with the client has expired. Please perform a full sync."
            )
        }
        return version
    }

    private static func moment(_ text: Substring) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 2 else { return nil }
        let date = parts[0].split(separator: "/")
        return date.count == 3 ? Timestamp(iso8601: "\(date[2])-\(date[0])-\(date[1])T\(parts[1])Z") : nil
    }
}

extension WebReader.TrackedChange {
    fileprivate var id: GUID {
        switch self {
        case .row(let row): row.id
        case .deletion(let deletion): deletion.id
        }
    }
}
