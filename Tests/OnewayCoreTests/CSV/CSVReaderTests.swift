import TestSupport
import Testing

@testable import OnewayCore

@Suite struct CSVReaderTests {
    /// A file, and for each of its records the line and the fields, or the error.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        var records: [CSVRecord] = []

        var testDescription: String { name }

        init(_ name: String, _ file: String, _ records: (Int, [String])...) {
            (self.name, self.file) = (name, file)
            self.records = records.map { CSVRecord(line: $0.0, fields: .success($0.1)) }
        }

        init(_ name: String, _ file: String, errors: [(Int, CSVError?)]) {
            (self.name, self.file) = (name, file)
            records = errors.map { line, error in
                CSVRecord(line: line, fields: error.map { .failure($0) } ?? .success(["a", "b"]))
            }
        }
    }

    static let rows = [
        Row("nothing", ""),
        Row("only a byte order mark", "\u{FEFF}"),
        Row("CRLF", "a,b\r\nc,d\r\n", (1, ["a", "b"]), (2, ["c", "d"])),
        Row("no break at the end", "a,b\nc,d", (1, ["a", "b"]), (2, ["c", "d"])),
        Row("CR alone", "a,b\rc,d\r", (1, ["a", "b"]), (2, ["c", "d"])),
        Row("byte order mark and quote", "\u{FEFF}\"a\",b\n", (1, ["a", "b"])),
        Row("byte order mark later", "a,\u{FEFF}b\n", (1, ["a", "\u{FEFF}b"])),
        Row("empty fields", "a,b,c\n,,\n\"\",x,\n", (1, ["a", "b", "c"]), (2, ["", "", ""]), (3, ["", "x", ""])),
        Row("empty lines", "\n\na\r\n\r\n\"\"\n", (3, ["a"]), (5, [""])),
        Row("semicolons", "a;b\n1,5;2\n", (1, ["a", "b"]), (2, ["1,5", "2"])),
        Row("commas", "a,b\n1;5,2\n", (1, ["a", "b"]), (2, ["1;5", "2"])),
        Row("quoted separator first", "\"a,\";b\n1;2\n", (1, ["a,", "b"]), (2, ["1", "2"])),
        Row("one column, then a semicolon", "a\nx;y\n", (1, ["a"]), (2, ["x;y"])),
        Row("doubled quotes", "\"\"\"a\"\"\",\"\"\"\"\n", (1, ["\"a\"", "\""])),
        Row(
            "breaks in quotes",
            "\"a\nb\",c\r\n\"d\r\ne\",f\ng,h",
            (1, ["a\nb", "c"]),
            (3, ["d\r\ne", "f"]),
            (5, ["g", "h"])
        ),
        Row("spaces are kept", " a , b \n", (1, [" a ", " b "])),
        Row("text after a quote", "a,b\n\"x\"y,\"z\"\na,b\n", errors: [(1, nil), (2, .textAfterQuote), (3, nil)]),
        Row("quote within a field", "a,b\nx\"y,z\na,b\n", errors: [(1, nil), (2, .quoteWithinField), (3, nil)]),
        Row("unclosed", "a,b\nx,\"y\n\nz\n", errors: [(1, nil), (2, .unclosedQuote(line: 2))]),
        Row("unclosed after a break", "a,b\n\"x\ny\",\"z", errors: [(1, nil), (2, .unclosedQuote(line: 3))]),
    ]

    @Test(arguments: rows)
    func recordsOf(_ row: Row) {
        #expect(Self.read(Array(row.file.utf8)) { $0.count } == row.records)
        #expect(Self.read(Array(row.file.utf8)) { _ in 1 } == row.records)
    }

    @Test func bytesThatAreNotUTF8ConcernTheirRecordOnly() {
        let file = Array("a,b\n".utf8) + [0xFC, UInt8(ascii: "\n")] + Array("a,b\n".utf8)
        #expect(
            Self.read(file) { $0.count }.map(\.fields) == [
                .success(["a", "b"]), .failure(.notUTF8), .success(["a", "b"]),
            ]
        )
        #expect(Self.read([0xEF, 0xBB]) { $0.count }.map(\.fields) == [.failure(.notUTF8)])
    }

    @Test(arguments: [
        String(repeating: "x", count: 50), String(repeating: ",", count: 50),
        "\"\(String(repeating: "\n", count: 50))\"",
    ])
    func aLongRecordIsNotKept(_ long: String) {
        var reader = CSVReader(recordBytesMax: 20)
        let records = reader.read(Array("a,b\n\(long)\na,b\n".utf8)).map(\.fields)
        #expect(records == [.success(["a", "b"]), .failure(.tooLong(bytesMax: 20)), .success(["a", "b"])])
    }

    @Test(arguments: UInt64(1)...200)
    func whatIsWrittenIsRead(_ seed: UInt64) {
        var random = Seeded(seed)
        let separator = random.pick([",", ";"])
        let end = random.pick(["\n", "\r\n", "\r"])
        let columns = Int.random(in: 2...5, using: &random)
        let header = (0..<columns).map { "column\($0)" }
        let records =
            [header] + (0..<random.pick([0, 1, 20])).map { _ in (0..<columns).map { _ in Self.text(&random) } }
        var file = random.chance(2) ? "\u{FEFF}" : ""
        for record in records {
            file += record.map { Self.written($0, &random) }.joined(separator: separator) + end
        }
        let read = Self.read(Array(file.utf8)) { rest in Int.random(in: 1...max(1, min(7, rest.count)), using: &random)
        }
        #expect(read.map(\.fields) == records.map { .success($0) })
    }

    @Test(arguments: UInt64(1)...200)
    func anyBytesAreReadTheSameInAnyPieces(_ seed: UInt64) {
        var random = Seeded(seed)
        let alphabet = Array("\"\"\",;\r\n\nab".utf8) + [0xEF, 0xBB, 0xBF, 0x00]
        let file = (0..<Int.random(in: 0...60, using: &random)).map { _ in random.pick(alphabet) }
        let whole = Self.read(file) { $0.count }
        #expect(Self.read(file) { _ in 1 } == whole)
        #expect(whole.map(\.line) == Set(whole.map(\.line)).sorted())
    }

    private static func read(_ file: [UInt8], by size: (ArraySlice<UInt8>) -> Int) -> [CSVRecord] {
        var reader = CSVReader()
        var records: [CSVRecord] = []
        var rest = file[...]
        while !rest.isEmpty {
            let count = size(rest)
            records += reader.read(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return records + (reader.end().map { [$0] } ?? [])
    }

    private static func text(_ random: inout Seeded) -> String {
        (0..<random.pick([0, 1, 8])).map { _ in random.pick(["a", "ü", "🚢", "\"", ",", ";", "\n", "\r", "\r\n", " "]) }
            .joined()
    }

    /// Quotes where they are needed, and now and then where they are not.
    private static func written(_ text: String, _ random: inout Seeded) -> String {
        let needs = text.utf8.contains { Array("\",;\r\n".utf8).contains($0) }
        guard needs || random.chance(3) else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars { quoted += scalar == "\"" ? "\"\"" : String(scalar) }
        return quoted + "\""
    }
}
