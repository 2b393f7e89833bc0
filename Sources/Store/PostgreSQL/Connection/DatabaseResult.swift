import CPostgres

/// What a statement returned.
@safe final class DatabaseResult {
    fileprivate let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQclear(handle) }

    var isWell: Bool {
        let status = unsafe PQresultStatus(handle)
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
    }

    /// An earlier statement of the same round trip failed.
    var isSkipped: Bool { unsafe PQresultStatus(handle) == PGRES_PIPELINE_ABORTED }

    var rows: [DatabaseRow] { unsafe (0..<PQntuples(handle)).map { DatabaseRow(result: self, number: $0) } }
}

struct DatabaseRow: SQLRow {
    fileprivate let result: DatabaseResult
    fileprivate let number: Int32

    func isNull(_ column: Int32) -> Bool { unsafe PQgetisnull(result.handle, number, column) == 1 }

    /// Of any size: the database counts some things in four bytes.
    func integer(_ column: Int32) -> Int64 {
        if isNull(column) { return 0 }
        let bytes = unsafe bytes(of: column)
        let unsigned = unsafe bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let shift = UInt64(64 - bytes.count * 8)
        return Int64(bitPattern: unsigned << shift) >> Int64(shift)
    }

    func optionalText(_ column: Int32) -> String? {
        optionalBytes(column).map(NoZero.restore)
    }

    func optionalBytes(_ column: Int32) -> [UInt8]? {
        isNull(column) ? nil : unsafe Array(bytes(of: column))
    }

    /// Valid as long as the result.
    private func bytes(of column: Int32) -> UnsafeBufferPointer<UInt8> {
        let count = unsafe Int(PQgetlength(result.handle, number, column))
        let start = unsafe UnsafeRawPointer(PQgetvalue(result.handle, number, column))
        return unsafe UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count)
    }
}

extension DatabaseConnection: SQLLists {
    func rows<Result>(
        _ sql: String,
        _ values: [SQLValue],
        read: (borrowing DatabaseRow) throws(StoreError) -> Result?
    ) throws(StoreError) -> [Result] {
        var found: [Result] = []
        for row in try run(DatabaseQuery(sql, values)).rows {
            guard let result = try read(row) else { break }
            found.append(result)
        }
        return found
    }

    func rows<Result>(
        _ select: ByKey,
        keys: [[SQLValue]],
        read: (borrowing DatabaseRow) throws(StoreError) -> Result
    ) throws(StoreError) -> [Result] {
        if keys.isEmpty { return [] }
        var found: [Result] = []
        for row in try run(DatabaseQuery(select.many, columns: select.key, rows: keys)).rows {
            found.append(try read(row))
        }
        return found
    }
}
