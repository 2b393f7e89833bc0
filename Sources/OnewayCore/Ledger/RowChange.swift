/// One row as it was and as it is now: nil where there is none.
public struct RowChange<Row: Hashable & Sendable>: Hashable, Sendable {
    public let before: Row?
    public var after: Row?

    @inlinable public init(before: Row?, after: Row?) {
        self.before = before
        self.after = after
    }
}

/// Rows by their keys: as they were loaded, and as events have left them since. What differs is to be saved.
///
/// Inlinable: the generic code would cost every step of a store part of its time outside the database.
public struct RowSet<Key: Hashable & Sendable, Row: Hashable & Sendable>: Sendable {
    @usableFromInline let loaded: [Key: Row]
    /// Those that were set, in the order of the first time.
    @usableFromInline var touched: [RowChange<Row>] = []
    @usableFromInline var places: [Key: Int] = [:]

    @inlinable public init(_ rows: [Row], by key: (Row) -> Key) {
        var loaded = [Key: Row](minimumCapacity: rows.count)
        for row in rows { loaded[key(row)] = row }
        self.loaded = loaded
    }

    /// The row as it is now. Setting nil removes it.
    @inlinable public subscript(key: Key) -> Row? {
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

    /// Room for so many more changes, where it is known beforehand.
    @inlinable public mutating func reserve(_ count: Int) {
        touched.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    @inlinable public var changes: [RowChange<Row>] {
        // Nearly always each was changed.
        touched.allSatisfy { $0.before != $0.after } ? touched : touched.filter { $0.before != $0.after }
    }
}
