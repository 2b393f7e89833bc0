/// Which columns of each record are kept (R3). What the rules need is always among them.
public struct Selection: Sendable {
    /// What the rules need of each record, whatever is selected.
    public static let needed: [Entity: Set<String>] = [
        .opportunity: ["customerid", "parentaccountid", "parentcontactid", "statecode", "name"],
        .contact: ["parentcustomerid", "emailaddress1", "masterid", "merged", "statecode"],
        .account: ["name", "masterid", "merged", "statecode"],
        .connection: ["record1id", "record2id", "record1roleid", "record2roleid", "statecode"],
    ]

    /// Every column: for showing what a notification says, not for keeping it.
    public static let everything = Selection()

    /// By the length of their names, so that finding one is comparing few; nil where every column is kept.
    private let columns: [Entity: [[String]]]?

    private init() { columns = nil }

    public init(_ selected: [Entity: Set<String>]) {
        columns = Self.needed.reduce(into: [:]) { columns, needed in
            let names = needed.value.union(selected[needed.key] ?? [])
            let longest = names.map(\.utf8.count).max() ?? 0
            columns[needed.key] = (0...longest).map { length in names.filter { $0.utf8.count == length }.sorted() }
        }
    }

    public func keeps(_ column: String, of entity: Entity) -> Bool {
        guard let columns else { return true }
        let ofLength = columns[entity] ?? []
        return column.utf8.count < ofLength.count && ofLength[column.utf8.count].contains(column)
    }

    /// The name of a kept column, nil for one that is not kept.
    func column(_ name: Int, of entity: Entity, in document: JSONDocument) -> String? {
        guard let columns else { return document.string(name) }
        if document.nodes[name].hasEscapes {
            let text = document.string(name)
            return keeps(text, of: entity) ? text : nil
        }
        let range = document.range(name)
        guard let ofLength = columns[entity], range.count < ofLength.count else { return nil }
        return ofLength[range.count].first { column in
            let bytes = column.utf8Span.span
            for offset in 0..<range.count where bytes[offset] != document.bytes[range.lowerBound + offset] {
                return false
            }
            return true
        }
    }
}
