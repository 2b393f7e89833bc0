/// One record of a CSV file. It is more than one line of the file if its fields contain line breaks.
public struct CSVRecord: Hashable, Sendable {
    /// The line of the file, counted from 1, where it begins.
    public var line: Int
    /// What is wrong with one record does not concern the next.
    public var fields: Result<[String], CSVError>
}

/// Why a record of a CSV file cannot be read.
public enum CSVError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file ends within quotes; they were opened on this line.
    case unclosedQuote(line: Int)
    case textAfterQuote
    case quoteWithinField
    case notUTF8
    case tooLong(bytesMax: Int)

    public var description: String {
        switch self {
        case .unclosedQuote(let line): "the quote that opens on line \(line) is never closed"
        case .textAfterQuote: "text follows a closing quote; a quote within quotes is written twice"
        case .quoteWithinField: "a quote within a field that does not begin with one"
        case .notUTF8: "not UTF-8"
        case .tooLong(let bytesMax): "longer than \(bytesMax) bytes; is a quote not closed?"
        }
    }
}
