/// One row as it was and as it is now: nil where there is none.
public struct RowChange<Row: Hashable & Sendable>: Hashable, Sendable {
    public let before: Row?
    public internal(set) var after: Row?

    public init(before: Row?, after: Row?) {
        self.before = before
        self.after = after
    }
}

/// Rows by their keys: as they were loaded, and as events have left them since. What differs is to be saved.
public struct RowSet<Key: Hashable & Sendable, Row: Hashable & Sendable>: Sendable {
    private let loaded: [Key: Row]
    /// Those that were set, in the order of the first time.
    private var touched: [RowChange<Row>] = []
    private var places: [Key: Int] = [:]

    public init(_ rows: [Row], by key: (Row) -> Key) {
        loaded = Dictionary(rows.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The row as it is now. Setting nil removes it.
    public subscript(key: Key) -> Row? {
        get {
            if let place = places[key] { touched[place].after } else { loaded[key] }
        }
        set {
            if let place = places[key] {
                touched[place].after = newValue
            } else {
                places[key] = touched.count
                touched.append(RowChange(before: loaded[key], after: newValue))
            }
        }
    }

    public var changes: [RowChange<Row>] { touched.filter { $0.before != $0.after } }
}
