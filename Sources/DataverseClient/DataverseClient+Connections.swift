public import OnewayCore

extension DataverseClient {
    /// An address grows by about 70 bytes with each of them.
    static let endsPerRequest = 60

    /// The connections that have one of these opportunities as record 1: all pages, one request after the other.
    public func connections(of opportunities: [GUID], _ selection: RowSelection) async -> DataverseOutcome<RowsFound> {
        var found = RowsFound()
        let ids = Set(opportunities).sorted()
        for start in stride(from: 0, to: ids.count, by: Self.endsPerRequest) {
            let part = ids[start..<min(start + Self.endsPerRequest, ids.count)]
            let filter = part.map { "_record1id_value eq \($0)" }.joined(separator: " or ")
            let path = "connections?$select=\(selection.select)&$filter=\(PercentEncoding.encoded(filter))"
            var request = DataverseRequest.get(path, table: Entity.connection.rawValue)
            while true {
                request.preferences = ["odata.maxpagesize=\(Self.rowsPerPage)", selection.annotations(withNames: true)]
                let outcome = await read(request) { answer, root -> DataverseLink?? in
                    guard let value = root["value"], value.isArray else { return nil }
                    let rows = value.elements.map { selection.row($0) }
                    found.rows += rows.compactMap(\.self).map { ($0, answer.readAt) }
                    found.unreadable += rows.count { $0 == nil }
                    return .some(root.link("nextLink"))
                }
                switch outcome {
                case .failure(let failure): return .failure(failure)
                case .success(nil): break
                case .success(let next?):
                    request = .get(next, table: Entity.connection.rawValue, prefer: [])
                    continue
                }
                break
            }
        }
        return .success(found)
    }
}
