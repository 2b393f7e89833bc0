/// A statement with its values, in the database's binary form.
struct DatabaseQuery: Sendable {
    let sql: String
    /// Nil is NULL.
    let values: [[UInt8]?]

    init(_ sql: String, _ values: [SQLValue] = []) {
        self.sql = sql
        self.values = values.map(\.binary)
    }

    /// With one array for each column.
    init(_ sql: String, columns: [ByKey.Kind], rows: [[SQLValue]]) {
        self.sql = sql
        values = columns.enumerated().map { column, kind in kind.array(rows.count) { rows[$0][column] } }
    }

    init(_ sql: String, _ arrays: [(ByKey.Kind, [SQLValue])], and values: [SQLValue] = []) {
        self.sql = sql
        self.values = arrays.map { kind, values in kind.array(values.count) { values[$0] } } + values.map(\.binary)
    }
}

extension SQLValue {
    fileprivate var binary: [UInt8]? {
        switch self {
        case .null: nil
        case .integer(let number): [UInt8](number.bigEndianBytes)
        case .text(let text): NoZero.escape(text)
        case .blob(let bytes): bytes
        }
    }
}

extension ByKey.Kind {
    private var typeNumber: Int32 {
        switch self {
        case .integer: 20
        case .text: 25
        case .blob: 17
        }
    }

    /// A one-dimensional array.
    fileprivate func array(_ count: Int, _ value: (Int) -> SQLValue) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + count * 24)
        for number in [count == 0 ? 0 : 1, 1, typeNumber] { bytes += number.bigEndianBytes }
        if count == 0 { return bytes }
        for number in [Int32(count), 1] { bytes += number.bigEndianBytes }
        for index in 0..<count {
            if let element = value(index).binary {
                bytes += Int32(element.count).bigEndianBytes
                bytes += element
            } else {
                bytes += Int32(-1).bigEndianBytes
            }
        }
        return bytes
    }
}

extension FixedWidthInteger {
    fileprivate var bigEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (Self.bitWidth - 8 - $0 * 8)) }
    }
}

/// PostgreSQL's text cannot contain the character 0, which what Dynamics and Marketo send can. It is stored as 1 and "0",
/// and 1 as 1 and "1", which keeps the order.
enum NoZero {
    static func escape(_ text: String) -> [UInt8] {
        if text.utf8.allSatisfy({ $0 > 1 }) { return Array(text.utf8) }
        return text.utf8.flatMap { $0 > 1 ? [$0] : [1, UInt8(ascii: "0") + $0] }
    }

    static func restore(_ bytes: [UInt8]) -> String {
        guard bytes.contains(1) else { return String(decoding: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped { plain.append(byte &- UInt8(ascii: "0")) } else if byte != 1 { plain.append(byte) }
            isEscaped = !isEscaped && byte == 1
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
