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

    /// What was copied, by table.
    /// - Parameter copied: Called after each page with the table and the number of its rows copied in this run.
    public func run(
        copied: @escaping @Sendable (String, Int) throws(StoreError) -> Void = { _, _ in }
    ) async throws(StoreError) -> [(table: String, moved: MovedRows)] {
        try await onOwnThread { Result { () throws(StoreError) in try move(copied) } }.get()
    }

    private func move(
        _ copied: (String, Int) throws(StoreError) -> Void
    ) throws(StoreError) -> [(table: String, moved: MovedRows)] {
        let (source, target, tables) = try open()
        if try source.note != nil { throw Self.isPart }
        try begin(source, target, tables)
        for table in tables {
            var (key, count) = (try target.lastKey(of: table), 0)
            while true {
                let page = try source.page(of: table, after: key)
                guard let last = page.last else { break }
                try target.insert(page, into: table)
                key = table.key(of: last)
                count += page.count
                try copied(table.name, count)
            }
        }
        var moved: [(table: String, moved: MovedRows)] = []
        for table in tables {
            let (wanted, found) = (try source.digest(of: table), try target.digest(of: table))
            guard wanted == found else {
                let differs = "\(table.name): \(wanted) in the source, \(found) in the target"
                throw StoreError(.corrupt, "the copy differs, in \(differs): \(Self.beginAgain)")
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
            let file = try FileEnd(path: path, isTarget: false)
            return (file, try DatabaseEnd(address, isTarget: true), try file.tables())
        case .toFile:
            let database = try DatabaseEnd(address, isTarget: false)
            let file = try FileEnd(path: path, isTarget: true)
            return (database, file, try file.tables())
        }
    }

    /// The target must be empty, or a part of the source as it is now.
    private func begin(_ source: any MoveEnd, _ target: any MoveEnd, _ tables: [MovedTable]) throws(StoreError) {
        var state = RowDigest()
        for table in tables {
            // Whatever a service does changes a counter, a note, or a last row.
            if ["counter", "meta"].contains(table.name) { state.add([.text("\(try source.digest(of: table))")]) }
            state.add(try source.lastKey(of: table) ?? [])
        }
        if let note = try target.note {
            if note == "\(state)" { return }
            throw StoreError(
                .invalid,
                "the target is a part of another store, or the source has changed since: \(Self.beginAgain)"
            )
        }
        for table in tables where table.name != "counter" {
            guard try target.lastKey(of: table) == nil else {
                throw StoreError(.invalid, "the target is not empty: \(table.name) has rows")
            }
        }
        let note = [UInt8]("\(state)".utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let bytes = direction == .toFile ? "X'\(note)'" : "'\\x\(note)'"
        // New tables have counters of 0.
        try target.execute(
            """
            BEGIN; DELETE FROM counter; INSERT INTO meta (name, value) VALUES ('\(MovedTable.note)', \(bytes)); COMMIT;
            """
        )
    }

    private static let beginAgain = "empty the target, and begin again"
    private static let isPart = StoreError(
        .invalid,
        "a migration to this store has begun and not ended: run the same `oneway migrate-store` again"
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
