import OnewayCore

enum FilterToken: Hashable, Sendable {
    case open
    case close
    case comma
    case equals
    case list([FilterValue])
    case value(FilterValue)
    /// A property, an operator, or a function.
    case word(String)
}

/// Splits a filter into tokens.
struct FilterLexer {
    private var rest: Substring
    private let whole: String

    init(_ text: String) {
        whole = text
        rest = text[...]
    }

    static func tokens(_ text: String) throws(DataverseError) -> [FilterToken] {
        var lexer = FilterLexer(text)
        var tokens: [FilterToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    var failure: DataverseError {
        .bad("Syntax error at position \(whole.count - rest.count) in '\(whole.prefix(200))'.")
    }

    private mutating func next() throws(DataverseError) -> FilterToken? {
        while rest.first == " " { rest.removeFirst() }
        guard let first = rest.first else { return nil }
        switch first {
        case "(": return single(.open)
        case ")": return single(.close)
        case ",": return single(.comma)
        case "=": return single(.equals)
        case "[": return .list(try list())
        case "'": return .value(.text(try quoted("'")))
        default: return try word()
        }
    }

    private mutating func single(_ token: FilterToken) -> FilterToken {
        rest.removeFirst()
        return token
    }

    /// Quotes inside are doubled.
    private mutating func quoted(_ quote: Character) throws(DataverseError) -> String {
        var text = ""
        rest.removeFirst()
        while let character = rest.popFirst() {
            guard character == quote else {
                text.append(character)
                continue
            }
            guard rest.first == quote else { return text }
            text.append(rest.removeFirst())
        }
        throw .bad("There is an unterminated string literal at position \(whole.count) in '\(whole.prefix(200))'.")
    }

    private mutating func list() throws(DataverseError) -> [FilterValue] {
        var values: [FilterValue] = []
        rest.removeFirst()
        while let first = rest.first {
            switch first {
            case "]":
                rest.removeFirst()
                return values
            case ",", " ": rest.removeFirst()
            case "'", "\"":
                let text = try quoted(first)
                values.append(GUID(text).map { .id($0) } ?? .text(text))
            default: throw failure
            }
        }
        throw failure
    }

    private mutating func word() throws(DataverseError) -> FilterToken {
        let word = String(rest.prefix { !" (),='[]\"".contains($0) })
        guard !word.isEmpty else { throw failure }
        rest = rest.dropFirst(word.count)
        // An enumeration member: its type name, and its name in quotes.
        if rest.first == "'" { return .value(.text(try quoted("'"))) }
        return Self.value(word).map { .value($0) } ?? .word(word)
    }

    private static func value(_ word: String) -> FilterValue? {
        switch word {
        case "null": return .null
        case "true": return .flag(true)
        case "false": return .flag(false)
        default: break
        }
        if word.utf8.count == 36, let id = GUID(word) { return .id(id) }
        if let moment = Timestamp(iso8601: word) { return .moment(moment) }
        guard let first = word.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            return nil
        }
        return Double(word).map { .number($0) }
    }
}
