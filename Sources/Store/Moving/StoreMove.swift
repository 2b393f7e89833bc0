import Threads

/// Copies a store that no service has open, from a file to a database or back.
///
/// Rows are copied in the order of their keys, a page in a transaction, so that an interrupted move goes on after the last
/// row that has arrived. A note in the target keeps services from starting with a part, and says what it is a part of.
public struct StoreMove: Sendable {
    public enum Direction: Sendable { case toDatabase, toFile }

    private let path: String
    private let address: DatabaseAddress
    private let direction: Direction

    public init(file path: String, database address: DatabaseAddress, _ direction: Direction) {
        (self.path, self.address, self.direction) = (path, address, direction)
    }

    /// The number of rows and a checksum of each table, which both stores have now.
    /// - Parameters:
    ///   - copied: Called after each page with the table and the number of its rows copied in this run.
    ///   - comparing: Called before each table is read again, from both.
    public func run(
        copied: @escaping @Sendable (String, Int) throws(StoreError) -> Void = { _, _ in },
        comparing: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(StoreError) -> [(table: String, moved: MovedRows)] {
        try await onOwnThread { Result { () throws(StoreError) in try move(copied, comparing) } }.get()
    }

    private func move(
        _ copied: (String, Int) throws(StoreError) -> Void,
        _ comparing: (String) -> Void
    ) throws(StoreError) -> [(table: String, moved: MovedRows)] {
        let (source, target, tables) = try open()
        if try source.note != nil { throw Self.isPart }
        try begin(source, target, tables)
        for table in tables { try copy(table, from: source, to: target, copied) }
        if direction == .toDatabase {
            // Until it knows what is in them, it may read whole tables where it need not.
            try target.execute("ANALYZE \(tables.map(\.name).joined(separator: ", "))")
        }
        var moved: [(table: String, moved: MovedRows)] = []
        for table in tables {
            comparing(table.name)
            let (wanted, found) = (try source.digest(of: table), try target.digest(of: table))
            guard wanted == found else {
                let differs = "\(table.name) has \(wanted) in the source, \(found) in the target"
                throw StoreError(.corrupt, "the copy differs: \(differs); \(Self.beginAgain)")
            }
            moved.append((table.name, found))
        }
        try target.execute("DELETE FROM meta WHERE name = '\(MovedTable.note)'")
        return moved
    }

    private func open() throws(StoreError) -> (source: any MoveEnd, target: any MoveEnd, tables: [MovedTable]) {
        // The source first: without it nothing is created.
        switch direction {
        case .toDatabase:
            let file = try FileEnd(source: path)
            return (file, try DatabaseEnd(address, isTarget: true), try file.tables())
        case .toFile:
            let database = try DatabaseEnd(address, isTarget: false)
            let file = try FileEnd(target: path)
            return (database, file, try file.tables())
        }
    }

    private func copy(
        _ table: MovedTable,
        from source: any MoveEnd,
        to target: any MoveEnd,
        _ copied: (String, Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        var (key, count) = (try target.lastKey(of: table), 0)
        while true {
            let page = try source.page(of: table, after: key)
            guard let last = page.last else { return }
            try target.insert(page, into: table)
            key = table.key(of: last)
            count += page.count
            try copied(table.name, count)
        }
    }

    /// The target must be empty, or a part of the source as it is now.
    private func begin(_ source: any MoveEnd, _ target: any MoveEnd, _ tables: [MovedTable]) throws(StoreError) {
        let state = try state(of: source, tables)
        if let note = try target.note {
            if note == state { return }
            throw StoreError(
                .invalid,
                "the target is a part of another store, or the source has changed since; \(Self.beginAgain)"
            )
        }
        for table in tables where table.name != "counter" {
            guard try target.lastKey(of: table) == nil else {
                throw StoreError(.invalid, "the target is not empty: \(table.name) has rows; \(Self.beginAgain)")
            }
        }
        // New tables have some that count nothing. Before the note: with it, what is there is taken for copied.
        try target.execute("DELETE FROM counter")
        for table in tables where table.name == "meta" {
            try target.insert([[.text(MovedTable.note), .blob(Array(state.utf8))]], into: table)
        }
    }

    /// What differs if a service has worked with the store: that changes a counter, a note, or a last row. (Should
    /// something else have changed, the copy differs in the end.)
    private func state(of source: any MoveEnd, _ tables: [MovedTable]) throws(StoreError) -> String {
        var state = RowDigest()
        for table in tables {
            if ["counter", "meta"].contains(table.name) { state.add([.text("\(try source.digest(of: table))")]) }
            state.add(try source.lastKey(of: table) ?? [])
        }
        return "\(state)"
    }

    private static let beginAgain = "begin again with a new file or an empty schema"
    private static let isPart = StoreError(
        .invalid,
        "this store is a part of one: run the same `oneway migrate-store` again, which continues"
    )

    /// Throws if this is a part of a store.
    static func refusePart(_ db: some SQLReading) throws(StoreError) {
        let parts = try db.row("SELECT count(*) FROM meta WHERE name = '\(MovedTable.note)'") { $0.integer(0) }
        if parts != 0 { throw isPart }
    }
}

/// The rows of a table.
public struct MovedRows: Hashable, Sendable, CustomStringConvertible {
    public let rows: Int
    /// Differs if a row does.
    public let checksum: String

    public var description: String { "\(rows) rows with checksum \(checksum)" }
}
