import OnewayCore

/// One row, with the version of its last change.
struct Row: Hashable, Sendable {
    let table: String
    let id: GUID
    var values: [String: ColumnValue]
    var version: Int64

    /// Includes the key and the version.
    subscript(column: Column) -> ColumnValue? {
        switch column.kind {
        case .key: .id(id)
        case .bigint: .number(String(version))
        default: values[column.name]
        }
    }

    var reference: RowReference { RowReference(table, id) }
}

/// The rows and the deletions of one table.
struct Rows: Sendable {
    struct Deletion: Hashable, Sendable {
        let id: GUID
        let version: Int64
    }

    private var byID: [GUID: Row] = [:]
    /// In ascending order, which is the order of pages.
    private(set) var ids: [GUID] = []
    /// In the order of versions.
    private(set) var deletions: [Deletion] = []

    subscript(id: GUID) -> Row? { byID[id] }

    var count: Int { ids.count }
    var all: some Sequence<Row> { ids.lazy.compactMap { self.byID[$0] } }

    mutating func put(_ row: Row) {
        if byID.updateValue(row, forKey: row.id) == nil { ids.insert(row.id, at: position(row.id)) }
    }

    mutating func remove(_ id: GUID, version: Int64) {
        guard byID.removeValue(forKey: id) != nil else { return }
        ids.remove(at: position(id))
        deletions.append(Deletion(id: id, version: version))
    }

    /// The index of this id, or where to insert it.
    func position(_ id: GUID) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
