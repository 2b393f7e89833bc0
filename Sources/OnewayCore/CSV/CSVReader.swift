/// Reads CSV as RFC 4180 describes it, piece by piece: what it holds is one record, never the file.
///
/// Also read are a byte order mark, lines that end with LF or CR alone, and semicolons, which Excel writes where the comma
/// is the decimal sign. The first of both characters outside quotes decides, which is in the header. Empty lines
/// are passed over.
public struct CSVReader: Sendable {
    private enum Place { case start, plain, quoted, afterQuote }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let (quote, comma, semicolon) = (UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"))
    private static let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    private let recordBytesMax: Int
    private var separator: UInt8?
    /// How much of a byte order mark was seen; nil: the text has begun.
    private var markSeen: Int? = 0
    private var place = Place.start
    private var line = 1
    private var isAfterReturn = false

    // The record that is being read.
    private var firstLine = 1
    private var quoteLine = 1
    private var fields: [String] = []
    private var field: [UInt8] = []
    private var byteCount = 0
    private var error: CSVError?

    public init(recordBytesMax: Int = 1 << 20) { self.recordBytesMax = recordBytesMax }

    /// The records that end in this piece of the file.
    public mutating func read(_ piece: some Sequence<UInt8>) -> [CSVRecord] {
        var records: [CSVRecord] = []
        for byte in piece {
            guard let seen = markSeen else {
                take(byte, &records)
                continue
            }
            if byte == Self.mark[seen] {
                markSeen = seen + 1 < Self.mark.count ? seen + 1 : nil
            } else {
                markSeen = nil
                for byte in Self.mark[..<seen] + [byte] { take(byte, &records) }
            }
        }
        return records
    }

    /// The last record, if no line break follows it.
    public mutating func end() -> CSVRecord? {
        var records: [CSVRecord] = []
        for byte in Self.mark[..<(markSeen ?? 0)] { take(byte, &records) }
        markSeen = nil
        if place == .quoted { error = .unclosedQuote(line: quoteLine) }
        endRecord(&records)
        return records.first
    }
}

extension CSVReader {
    private mutating func take(_ byte: UInt8, _ records: inout [CSVRecord]) {
        let isRestOfBreak = isAfterReturn && byte == Self.lineFeed
        isAfterReturn = byte == Self.carriageReturn
        let isBreak = (byte == Self.lineFeed || isAfterReturn) && !isRestOfBreak
        if isBreak { line += 1 }
        if place == .quoted {
            if byte == Self.quote { place = .afterQuote } else { keep(byte) }
        } else if isBreak {
            endRecord(&records)
        } else if !isRestOfBreak {
            takeUnquoted(byte)
        }
    }

    private mutating func takeUnquoted(_ byte: UInt8) {
        if separates(byte) { return endField() }
        switch (place, byte) {
        case (.start, Self.quote): (place, quoteLine) = (.quoted, line)
        case (.afterQuote, Self.quote):
            keep(byte)
            place = .quoted
        case (.afterQuote, _):
            fail(.textAfterQuote)
            place = .plain
        case (_, Self.quote): fail(.quoteWithinField)
        default:
            keep(byte)
            place = .plain
        }
    }

    private mutating func separates(_ byte: UInt8) -> Bool {
        if separator == nil, byte == Self.comma || byte == Self.semicolon { separator = byte }
        return byte == separator
    }

    private mutating func keep(_ byte: UInt8) {
        grow()
        if error == nil { field.append(byte) }
    }

    /// Separators count as well: a line of nothing else would fill the memory with empty fields.
    private mutating func grow() {
        byteCount += 1
        if byteCount > recordBytesMax { fail(.tooLong(bytesMax: recordBytesMax)) }
    }

    /// The first error is the one to tell. Nothing of the record is kept any longer.
    private mutating func fail(_ error: CSVError) {
        if self.error == nil { self.error = error }
        fields.removeAll()
        field.removeAll()
    }

    private mutating func endField() {
        grow()
        if error == nil {
            if let text = String(validating: field, as: UTF8.self) { fields.append(text) } else { fail(.notUTF8) }
        }
        field.removeAll(keepingCapacity: true)
        place = .start
    }

    private mutating func endRecord(_ records: inout [CSVRecord]) {
        let isEmpty = place == .start && byteCount == 0 && error == nil
        if !isEmpty {
            endField()
            records.append(CSVRecord(line: firstLine, fields: error.map { .failure($0) } ?? .success(fields)))
            if separator == nil { separator = Self.comma }
        }
        fields.removeAll(keepingCapacity: true)
        (place, firstLine, byteCount, error) = (.start, line, 0, nil)
    }
}
