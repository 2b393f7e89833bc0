/// One row as it was and as it is now: nil where there is none.
public struct RowChange<Row: Hashable & Sendable>: Hashable, Sendable {
    public let before: Row?
    public let after: Row?

    public init(before: Row?, after: Row?) {
        self.before = before
        self.after = after
    }
}

/// Rows by their keys: as they were loaded, and as events have left them since. What differs is to be saved.
public struct RowSet<Key: Hashable & Sendable, Row: Hashable & Sendable>: Sendable {
    private var loaded: [Key: Row]
    private var changed: [Key: Row?] = [:]
    /// In the order of the first change.
    private var order: [Key] = []

    public init(_ rows: [Row], by key: (Row) -> Key) {
        loaded = Dictionary(rows.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The row as it is now. Setting nil removes it.
    public subscript(key: Key) -> Row? {
        get { changed[key] ?? loaded[key] }
        set { if changed.updateValue(newValue, forKey: key) == nil { order.append(key) } }
    }

    public var changes: [RowChange<Row>] {
        order.compactMap { key in
            let (before, after) = (loaded[key], changed[key] ?? nil)
            return before == after ? nil : RowChange(before: before, after: after)
        }
    }
}
