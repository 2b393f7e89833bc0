public import OnewayCore

/// A page of the changes of a table.
public struct ChangePage: Sendable {
    public enum Next: Hashable, Sendable {
        /// To the next page of these changes.
        case page(DataverseLink)
        /// This was the last page. The link leads to whatever changes later; it expires, after seven days by default.
        case later(DataverseLink)
    }

    /// Those that are there.
    public let found: RowPage
    /// Their last states are not told.
    public let deleted: [GUID]
    public let next: Next
}

public enum ChangesFound: Sendable {
    case page(ChangePage)
    /// The link is too old: everything has to be read again.
    case expired
    /// Change tracking is off for this table.
    case notTracked
}

extension DataverseClient {
    /// The beginning: pages of all rows, without deletions, and a link to later changes.
    public func changes(
        _ selection: RowSelection,
        rowsMax: Int = DataverseClient.rowsPerPage
    ) async -> DataverseOutcome<ChangesFound> {
        guard selection.table.tracksChanges else { return .success(.notTracked) }
        let path = "\(selection.entity.setName)?$select=\(selection.select)"
        return await changes(.get(path, table: selection.entity.rawValue), selection, rowsMax)
    }

    /// The next page, with the same `rowsMax`, or later changes.
    public func changes(
        _ link: DataverseLink,
        _ selection: RowSelection,
        rowsMax: Int = DataverseClient.rowsPerPage
    ) async -> DataverseOutcome<ChangesFound> {
        await changes(.get(link, table: selection.entity.rawValue, prefer: []), selection, rowsMax)
    }

    private func changes(
        _ request: DataverseRequest,
        _ selection: RowSelection,
        _ rowsMax: Int
    ) async -> DataverseOutcome<ChangesFound> {
        var request = request
        request.preferences = [
            "odata.track-changes", "odata.maxpagesize=\(rowsMax)", selection.annotations(withNames: false),
        ]
        let outcome = await read(request) { answer, root in
            ChangePage(root, selection, readAt: answer.readAt).map { ChangesFound.page($0) }
        }
        guard case .failure(.refused(let code, let words)) = outcome else { return outcome }
        if code == "0x80044352" { return .success(.expired) }
        return words.lowercased().contains("change tracking is not enabled") ? .success(.notTracked) : outcome
    }
}

extension ChangePage {
    /// Nil if the answer is not a page of changes.
    init?(_ root: JSONValue, _ selection: RowSelection, readAt: Timestamp) {
        guard let value = root["value"], value.isArray else { return nil }
        if let link = root.link("nextLink") {
            next = .page(link)
        } else if let link = root.link("deltaLink") {
            next = .later(link)
        } else {
            return nil
        }
        var (present, deleted) = ([JSONValue](), [GUID]())
        for element in value.elements {
            if element["reason"]?.string == "deleted", let id = element["id"]?.string.flatMap({ GUID($0) }) {
                deleted.append(id)
            } else {
                present.append(element)
            }
        }
        self.deleted = deleted
        found = RowPage(present, selection, readAt: readAt, next: nil)
    }
}

extension DataverseClient {
    /// Whether the table can be read with these columns. Where changes are tracked it asks for them, which needs the
    /// right to read all rows, not only some.
    public func probe(_ selection: RowSelection) async -> DataverseOutcome<Void> {
        let tracking = selection.table.tracksChanges ? ["odata.track-changes"] : []
        let request = DataverseRequest.get(
            "\(selection.entity.setName)?$select=\(selection.select)",
            table: selection.entity.rawValue,
            prefer: tracking + ["odata.maxpagesize=1"]
        )
        return await read(request) { _, root in root["value"]?.isArray == true ? () : nil }
    }
}
