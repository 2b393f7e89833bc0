import OnewayCore

extension WebReader {
    func collection(_ set: String) throws(DataverseError) -> WebAnswer {
        let table = try readable(set)
        let options = try QueryOptions(request.parameters)
        if options.deltaToken != nil || request.preferences.tracksChanges {
            return try trackedPage(table, options)
        }
        return try page(table, options, address: set) { _ in true }
    }

    /// Counts rows, or the changes since a delta token.
    func count(_ set: String) throws(DataverseError) -> WebAnswer {
        let table = try readable(set)
        let options = try QueryOptions(request.parameters)
        let number: Int
        if let token = options.deltaToken {
            number = try changes(table, since: version(token), upTo: book.version, after: nil).count
        } else {
            let filter = try RowFilter(options, table, book)
            number = book[table.name].all.reduce(0) {
                $0 + (filter.holds($1) && !privileges.hidden.contains($1.id) ? 1 : 0)
            }
        }
        let told = min(number, Preferences.pageSizeMax)
        return WebAnswer(.raw(Array("\u{feff}\(told)".utf8), type: "text/plain"))
    }

    func page(
        _ table: Table,
        _ options: QueryOptions,
        address: String,
        where belongs: (Row) -> Bool
    ) throws(DataverseError) -> WebAnswer {
        try refuseExpanding(options)
        let filter = try RowFilter(options, table, book)
        let form = try RowForm(table, select: options.select, annotations: request.preferences.annotations)
        let cookie = try cookie(options)
        let wanted: (Row) -> Bool = { belongs($0) && filter.holds($0) && !privileges.hidden.contains($0.id) }
        let size = request.preferences.pageSize ?? Preferences.pageSizeMax
        // Dataverse ignores $top if a page size is requested.
        let top = request.preferences.pageSize == nil ? options.top : nil
        let limit = min(size, top ?? size)
        let rows = ordered(table, options, filter, after: cookie?.place, limit: limit + 1, wanted)
        var members: [JSON.Member] = [.init("@odata.context", .string(context(table.set, options.select)))]
        if options.wantsCount { members += counted(table, wanted) }
        members.append(.init("value", .array(rows.prefix(limit).map { form.json($0, in: book) })))
        if rows.count > limit, top == nil, let last = rows.prefix(limit).last {
            let next = PagingCookie(page: (cookie?.page ?? 1) + 1, place: filter.place(last))
            members.append(.init("@odata.nextLink", .string(link(address, options, [("$skiptoken", next.text)]))))
        }
        return answer(.object(members))
    }

    func cookie(_ options: QueryOptions) throws(DataverseError) -> PagingCookie? {
        guard let text = options.skipToken else { return nil }
        return try PagingCookie(text)
    }

    private func counted(_ table: Table, _ wanted: (Row) -> Bool) -> [JSON.Member] {
        let number = book[table.name].all.reduce(0) { $0 + (wanted($1) ? 1 : 0) }
        let told = min(number, Preferences.pageSizeMax)
        var members: [JSON.Member] = [.init("@odata.count", .int(told))]
        for (name, value) in [
            (Annotations.totalCount, JSON.int(told)), (Annotations.totalExceeded, .bool(number > told)),
        ] where request.preferences.annotations?.includes(name) == true {
            members.append(.init("@\(name)", value))
        }
        return members
    }

    /// Returns up to `limit` rows after a position.
    private func ordered(
        _ table: Table,
        _ options: QueryOptions,
        _ filter: RowFilter,
        after place: RowFilter.Place?,
        limit: Int,
        _ wanted: (Row) -> Bool
    ) -> [Row] {
        let shelf = book[table.name]
        if options.order.isEmpty, let ids = filter.ids {
            // As the database does by its key, instead of looking through the whole table.
            let rest = Set(ids).sorted().drop { id in place.map { id <= $0.id } ?? false }
            return Array(rest.lazy.compactMap { shelf[$0] }.filter(wanted).prefix(limit))
        }
        guard !options.order.isEmpty else {
            return Self.rows(shelf, after: place?.id, limit: limit, wanted)
        }
        let placed = shelf.all.filter(wanted).map { (row: $0, place: filter.place($0)) }
            .sorted { filter.isBefore($0.place, $1.place) }
        let rest = placed.drop { item in place.map { !filter.isBefore($0, item.place) } ?? false }
        return rest.prefix(limit).map(\.row)
    }

    /// Rows in the order of their ids.
    static func rows(_ shelf: Rows, after id: GUID?, limit: Int, _ wanted: (Row) -> Bool) -> [Row] {
        var rows: [Row] = []
        var index = id.map { shelf.position($0) + (shelf[$0] == nil ? 0 : 1) } ?? 0
        while index < shelf.ids.count, rows.count < limit {
            if let row = shelf[shelf.ids[index]], wanted(row) { rows.append(row) }
            index += 1
        }
        return rows
    }
}
