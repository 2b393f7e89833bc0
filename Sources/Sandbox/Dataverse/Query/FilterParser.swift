/// Parses filters such as `a eq 1 and (b ne null or contains(c,'d'))`. Other forms are refused, so that no client relies
/// on what is not supported.
struct FilterParser {
    private var tokens: ArraySlice<FilterToken>
    private let text: String

    private init(_ text: String) throws(DataverseError) {
        self.text = text
        tokens = try FilterLexer.tokens(text)[...]
    }

    static func expression(_ text: String) throws(DataverseError) -> FilterExpression {
        var parser = try FilterParser(text)
        let expression = try parser.disjunction(depth: 0)
        guard parser.tokens.isEmpty else { throw parser.failure }
        return expression
    }

    private var failure: DataverseError { .bad("Syntax error in the filter '\(text.prefix(200))'.") }

    private mutating func take(_ token: FilterToken) -> Bool {
        guard tokens.first == token else { return false }
        tokens.removeFirst()
        return true
    }

    private mutating func needed(_ token: FilterToken) throws(DataverseError) {
        guard take(token) else { throw failure }
    }

    private mutating func disjunction(depth: Int) throws(DataverseError) -> FilterExpression {
        var left = try conjunction(depth: depth)
        while take(.word("or")) { left = .or(left, try conjunction(depth: depth)) }
        return left
    }

    private mutating func conjunction(depth: Int) throws(DataverseError) -> FilterExpression {
        var left = try single(depth: depth)
        while take(.word("and")) { left = .and(left, try single(depth: depth)) }
        return left
    }

    private mutating func single(depth: Int) throws(DataverseError) -> FilterExpression {
        guard depth < 32 else { throw failure }
        if take(.word("not")) { return .not(try single(depth: depth + 1)) }
        if take(.open) {
            let inner = try disjunction(depth: depth + 1)
            try needed(.close)
            return inner
        }
        let name = try word()
        if let function = FilterExpression.TextFunction(rawValue: name) { return try call(function) }
        if name == "Microsoft.Dynamics.CRM.In" { return try membership() }
        if tokens.first == .open {
            throw DataverseError(400, "0x0", "An unknown function with name '\(name.prefix(80))' was found.")
        }
        guard let comparison = FilterExpression.Comparison(rawValue: try word()) else { throw failure }
        return .comparison(name, comparison, try value())
    }

    private mutating func word() throws(DataverseError) -> String {
        guard case .word(let word) = tokens.first else { throw failure }
        tokens.removeFirst()
        return word
    }

    private mutating func value() throws(DataverseError) -> FilterValue {
        guard case .value(let value) = tokens.first else { throw failure }
        tokens.removeFirst()
        return value
    }

    private mutating func call(_ function: FilterExpression.TextFunction) throws(DataverseError) -> FilterExpression {
        try needed(.open)
        let property = try word()
        try needed(.comma)
        guard case .text(let text) = try value() else { throw failure }
        try needed(.close)
        return .text(function, property, text)
    }

    /// `(PropertyName='a',PropertyValues=['1','2'])`
    private mutating func membership() throws(DataverseError) -> FilterExpression {
        try needed(.open)
        try needed(.word("PropertyName"))
        try needed(.equals)
        guard case .text(let property) = try value() else { throw failure }
        try needed(.comma)
        try needed(.word("PropertyValues"))
        try needed(.equals)
        guard case .list(let values) = tokens.popFirst() else { throw failure }
        try needed(.close)
        return .member(property, values)
    }
}
