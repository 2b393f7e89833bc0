public import OnewayCore

/// Rows that were read together. They stay as Dynamics wrote them until they are wanted, some at a time: all of a large
/// page as values would need several times the memory.
public struct RowPage: Sendable {
    private let elements: [JSONValue]
    private let selection: RowSelection
    /// Not later than any of them was read, by Dynamics' clock: compare `modifiedOn` with this.
    public let readAt: Timestamp
    /// Nil on the last page.
    public let next: DataverseLink?
    /// Rows with a value of another type than the table's definition says: it may have changed.
    public let unreadable: Int

    init(_ elements: [JSONValue], _ selection: RowSelection, readAt: Timestamp, next: DataverseLink?) {
        (self.elements, self.selection, self.readAt, self.next) = (elements, selection, readAt, next)
        unreadable = elements.count { selection.row($0) == nil }
    }

    /// All that are readable.
    public var rows: [DynamicsRow] { rows(0..<elements.count) }

    /// The readable ones in a part of the page.
    public func rows(_ part: Range<Int>) -> [DynamicsRow] {
        elements[part.clamped(to: 0..<elements.count)].compactMap { selection.row($0) }
    }

    /// With the unreadable ones.
    public var count: Int { elements.count }
}

public struct RowsFound: Sendable {
    public internal(set) var rows: [(row: DynamicsRow, readAt: Timestamp)] = []
    /// Deleted: each was asked for alone as well.
    public internal(set) var missing: [GUID] = []
    /// Dynamics has them, and does not show them to the application user.
    public internal(set) var hidden: [GUID] = []
    public internal(set) var unreadable = 0
    /// That it took.
    public internal(set) var requests = 0
}

extension RowsFound {
    /// Adds a row that was asked for alone. Returns a failure that says nothing about this row.
    fileprivate mutating func add(_ id: GUID, _ outcome: DataverseOutcome<RowFound>) -> DataverseFailure? {
        requests += 1
        switch outcome {
        case .success(.row(let row, let readAt)): rows.append((row, readAt))
        case .success(.notFound): missing.append(id)
        case .failure(.missingPrivilege), .failure(.refused): hidden.append(id)
        case .failure(let failure): return failure
        }
        return nil
    }
}

public enum RowFound: Sendable {
    case row(DynamicsRow, readAt: Timestamp)
    /// It is deleted.
    case notFound
}

extension DataverseClient {
    /// A request's address grows by 45 bytes with each id; proxies often allow 8,192.
    package static let idsPerRequest = 100
    public static let rowsPerPage = 1000

    public func row(_ id: GUID, _ selection: RowSelection) async -> DataverseOutcome<RowFound> {
        let entity = selection.entity
        let request = DataverseRequest.get(
            "\(entity.setName)(\(id))?$select=\(selection.select)",
            table: entity.rawValue,
            prefer: [selection.annotations(withNames: true)]
        )
        return await send(request).flatMap { answer in
            guard let answer else { return .success(.notFound) }
            guard let row = answer.root.flatMap({ selection.row($0) }), row.key.id == id else {
                return .failure(.unreadable("Dynamics' answer is not a row of \(entity.rawValue)"))
            }
            return .success(.row(row, readAt: answer.readAt))
        }
    }

    /// A hundred at a time, one request after the other, and each that is left out alone: a list leaves out what this user
    /// may not read, and only about one row does Dynamics tell this (403) from a row that is gone (404).
    public func rows(_ ids: [GUID], _ selection: RowSelection) async -> DataverseOutcome<RowsFound> {
        var found = RowsFound()
        let ids = Set(ids).sorted()
        for start in stride(from: 0, to: ids.count, by: Self.idsPerRequest) {
            let part = ids[start..<min(start + Self.idsPerRequest, ids.count)]
            let values = part.map { "'\($0)'" }.joined(separator: ",")
            let filter =
                "Microsoft.Dynamics.CRM.In(PropertyName='\(selection.entity.keyColumn)',PropertyValues=[\(values)])"
            switch await page(.get(path(selection, filter), table: selection.entity.rawValue), selection) {
            case .failure(let failure): return .failure(failure)
            case .success(let page):
                found.requests += 1
                guard page.next == nil else {
                    return .failure(.unreadable("Dynamics found more rows than were asked for"))
                }
                let rows = page.rows
                found.rows += rows.map { ($0, page.readAt) }
                found.unreadable += page.unreadable
                let there = Set(rows.map(\.key.id))
                // An unreadable one is there, and nobody knows which it is.
                guard page.unreadable == 0 else { continue }
                for id in part where !there.contains(id) {
                    if let failure = await found.add(id, row(id, selection)) { return .failure(failure) }
                }
            }
        }
        return .success(found)
    }

    /// The first page of all rows that the query is about, in the order of their ids: one that is modified meanwhile
    /// does not move the others.
    public func page(
        matching query: RowQuery = RowQuery(),
        _ selection: RowSelection,
        rowsMax: Int = DataverseClient.rowsPerPage
    ) async -> DataverseOutcome<RowPage> {
        let request = DataverseRequest.get(path(selection, query.filter), table: selection.entity.rawValue)
        return await page(request, selection, rowsMax: rowsMax)
    }

    /// `rowsMax` has to be the same for all pages of a query.
    public func page(
        _ next: DataverseLink,
        _ selection: RowSelection,
        rowsMax: Int = DataverseClient.rowsPerPage
    ) async -> DataverseOutcome<RowPage> {
        await page(.get(next, table: selection.entity.rawValue, prefer: []), selection, rowsMax: rowsMax)
    }

    private func path(_ selection: RowSelection, _ filter: String?) -> String {
        "\(selection.entity.setName)?$select=\(selection.select)"
            + (filter.map { "&$filter=\(PercentEncoding.encoded($0))" } ?? "")
    }

    private func page(
        _ request: DataverseRequest,
        _ selection: RowSelection,
        rowsMax: Int = DataverseClient.rowsPerPage
    ) async -> DataverseOutcome<RowPage> {
        var request = request
        request.preferences = [
            "odata.maxpagesize=\(rowsMax)", selection.annotations(withNames: true),
        ]
        return await read(request) { answer, root in
            guard let value = root["value"], value.isArray else { return nil }
            return RowPage(value.elements, selection, readAt: answer.readAt, next: root.link("nextLink"))
        }
    }
}
