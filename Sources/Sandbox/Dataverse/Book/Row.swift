import OnewayCore

/// One row: what its columns hold, and the version it got with its last change.
struct Row: Hashable, Sendable {
    let table: String
    let id: GUID
    var values: [String: ColumnValue]
    var version: Int64

    /// The key and the version are columns too.
    subscript(column: Column) -> ColumnValue? {
        switch column.kind {
        case .key: .id(id)
        case .bigint: .number(String(version))
        default: values[column.name]
        }
    }

    var reference: RowReference { RowReference(table, id) }
}

/// The rows of one table, and what was deleted from it.
struct Rows: Sendable {
    struct Deletion: Hashable, Sendable {
        let id: GUID
        let version: Int64
    }

    private var byID: [GUID: Row] = [:]
    /// Ascending: the order of pages.
    private(set) var ids: [GUID] = []
    /// By version.
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

    /// Where this id is or would be.
    func position(_ id: GUID) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
