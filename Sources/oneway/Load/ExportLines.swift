import OnewayCore

/// The rows of a file that was exported from Dynamics, as CSV or as JSON lines, each as a line of JSON.
struct ExportLines {
    struct Row {
        /// The line of the file where it begins.
        let line: Int
        let json: Result<[UInt8], Failed>
    }

    private static let lineBytesMax = 1 << 20

    private let path: String
    private var isBegun = false
    private var csv: CSVReader?
    /// Of CSV.
    private var columns: [String]?
    /// The line of JSON that is being read.
    private var text: [UInt8] = []
    private var line = 1

    init(_ path: String) { self.path = path }

    /// The rows that end in this piece of the file.
    mutating func read(_ piece: some Sequence<UInt8>) -> [Row] {
        if !isBegun, let first = piece.first(where: { !Self.isPassedOver($0) }) {
            isBegun = true
            if first != UInt8(ascii: "{") { csv = CSVReader() }
        }
        if let records = csv?.read(piece) { return records.compactMap { row($0) } }
        var rows: [Row] = []
        for byte in piece {
            if byte == UInt8(ascii: "\n") {
                rows += endLine()
                line += 1
            } else if text.count <= Self.lineBytesMax {
                text.append(byte)
            }
        }
        return rows
    }

    /// The last one, if no line break follows it.
    mutating func end() -> [Row] {
        if csv == nil { return endLine() }
        return csv?.end().flatMap { row($0) }.map { [$0] } ?? []
    }

    private mutating func endLine() -> [Row] {
        defer { text.removeAll(keepingCapacity: true) }
        if text.allSatisfy(Self.isPassedOver) { return [] }
        if text.count > Self.lineBytesMax {
            return [Row(line: line, json: .failure(failed(line, "longer than \(Self.lineBytesMax) bytes")))]
        }
        return [Row(line: line, json: .success(text))]
    }

    private mutating func row(_ record: CSVRecord) -> Row? {
        let fields: [String]
        switch record.fields {
        case .success(let read): fields = read
        case .failure(let error): return Row(line: record.line, json: .failure(failed(record.line, "\(error)")))
        }
        guard let columns else {
            columns = fields
            return nil
        }
        guard fields.count == columns.count else {
            let says = "\(Wording.count(fields.count, "field")), but the first line has \(columns.count)"
            return Row(line: record.line, json: .failure(failed(record.line, says)))
        }
        let members = zip(columns, fields).map { JSON.Member($0, .string($1)) }
        return Row(line: record.line, json: .success(JSON.object(members).encoded))
    }

    private func failed(_ line: Int, _ says: String) -> Failed { Failed(says: "\(path), line \(line): \(says).") }

    /// Blanks, and a byte order mark.
    private static func isPassedOver(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0D, 0x0A, 0xEF, 0xBB, 0xBF].contains(byte)
    }
}

/// Some rows for the service, on the same lines as in the file, so that it can name them.
struct ExportPart {
    private static let rowsMax = 1_000
    private static let bytesMax = 2 << 20

    private(set) var firstLine = 1
    private(set) var body: [UInt8] = []
    private(set) var rows = 0
    private var line = 1

    mutating func add(_ json: [UInt8], at line: Int) {
        if rows == 0 { (firstLine, self.line) = (line, line) }
        body.append(contentsOf: repeatElement(UInt8(ascii: "\n"), count: line - self.line))
        body += json
        (self.line, rows) = (line, rows + 1)
    }

    var isFull: Bool { rows >= Self.rowsMax || body.count >= Self.bytesMax }
}
