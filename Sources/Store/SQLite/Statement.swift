import CSQLite

/// A prepared statement: `run` for those that return nothing, `rows` for those that return rows.
@safe final class Statement {
    private let handle: OpaquePointer

    init(handle: OpaquePointer) { unsafe self.handle = handle }

    func finalize() { unsafe sqlite3_finalize(handle) }

    func run(_ values: [SQLValue] = []) throws(StoreError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }

    /// Returns what `read` makes of each row, until it returns nil; it must not keep the row.
    func rows<Result>(
        _ values: [SQLValue] = [],
        read: (borrowing Row) throws(StoreError) -> Result?
    ) throws(StoreError) -> [Result] {
        defer { reset() }
        try bind(values)
        var results: [Result] = []
        while try step(), let result = try read(unsafe Row(handle: handle)) { results.append(result) }
        return results
    }

    /// Returns the only row.
    func row<Result>(
        _ values: [SQLValue] = [],
        read: (borrowing Row) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        defer { reset() }
        try bind(values)
        guard try step() else { return nil }
        let result = try read(unsafe Row(handle: handle))
        _ = try step()
        return result
    }

    private func step() throws(StoreError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw StoreError(sqlite: code)
        }
    }

    private func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    private func bind(_ values: [SQLValue]) throws(StoreError) {
        for (offset, value) in values.enumerated() {
            let index = Int32(offset + 1)
            let code: Int32 =
                switch value {
                case .null: unsafe sqlite3_bind_null(handle, index)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
                case .text(var text):
                    text.withUTF8 { unsafe csqlite_bind_text(handle, index, $0.baseAddress, Int32($0.count)) }
                case .blob(let bytes):
                    unsafe bytes.withUnsafeBytes {
                        unsafe csqlite_bind_blob(handle, index, $0.baseAddress, Int32($0.count))
                    }
                }
            guard code == SQLITE_OK else { throw StoreError(sqlite: code) }
        }
    }
}

/// The current row of a statement. Copies what it returns.
@safe struct Row: SQLRow {
    fileprivate let handle: OpaquePointer

    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func optionalText(_ column: Int32) -> String? {
        optionalBytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    func optionalBytes(_ column: Int32) -> [UInt8]? {
        if isNull(column) { return nil }
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
