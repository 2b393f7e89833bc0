/// One row before and after a change: nil if there is none.
public struct RowChange<Row: Hashable & Sendable>: Hashable, Sendable {
    public let before: Row?
    public var after: Row?

    @inlinable public init(before: Row?, after: Row?) {
        self.before = before
        self.after = after
    }
}

/// Rows by their keys: as they were loaded, and as changed by events since. The differences are to be saved.
///
/// Inlinable: the generic code would add to the time that every step of a store spends outside the database.
public struct RowSet<Key: Hashable & Sendable, Row: Hashable & Sendable>: Sendable {
    @usableFromInline let loaded: [Key: Row]
    /// The rows that were set, in the order in which they were first set.
    @usableFromInline var touched: [RowChange<Row>] = []
    @usableFromInline var places: [Key: Int] = [:]

    @inlinable public init(_ rows: [Row], by key: (Row) -> Key) {
        var loaded = [Key: Row](minimumCapacity: rows.count)
        for row in rows { loaded[key(row)] = row }
        self.loaded = loaded
    }

    /// The current row. Setting nil removes it.
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

    /// Reserves room for this many more changes, if the number is known in advance.
    @inlinable public mutating func reserve(_ count: Int) {
        touched.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    @inlinable public var changes: [RowChange<Row>] {
        // Nearly always, each one has changed.
        touched.allSatisfy { $0.before != $0.after } ? touched : touched.filter { $0.before != $0.after }
    }
}
