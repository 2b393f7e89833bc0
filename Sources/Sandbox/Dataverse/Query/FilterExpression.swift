import OnewayCore

/// A parsed `$filter`, within the supported part of the language.
indirect enum FilterExpression: Hashable, Sendable {
    enum Comparison: String, Sendable { case eq, ne, gt, ge, lt, le }
    enum TextFunction: String, Sendable { case contains, startswith, endswith }

    case comparison(String, Comparison, FilterValue)
    case text(TextFunction, String, String)
    /// `Microsoft.Dynamics.CRM.In`
    case member(String, [FilterValue])
    case and(FilterExpression, FilterExpression)
    case or(FilterExpression, FilterExpression)
    case not(FilterExpression)

    /// Evaluates the filter; `value` returns the value of a property.
    func holds(_ value: (String) -> FilterValue) -> Bool {
        switch self {
        case .and(let left, let right): left.holds(value) && right.holds(value)
        case .or(let left, let right): left.holds(value) || right.holds(value)
        case .not(let inner): !inner.holds(value)
        case .member(let property, let values): values.contains { value(property).isSame($0) }
        case .text(let function, let property, let wanted): Self.holds(function, value(property), wanted)
        case .comparison(let property, let comparison, let wanted):
            Self.holds(comparison, value(property), wanted)
        }
    }

    /// The ids to which a filter by the key restricts the rows; nil: it does not.
    func ids(of key: String) -> [GUID]? {
        switch self {
        case .and(let left, let right): left.ids(of: key) ?? right.ids(of: key)
        case .member(key, let values):
            values.compactMap { value in if case .id(let id) = value { id } else { nil } }
        default: nil
        }
    }

    /// Every property with the value it is compared with.
    var properties: [(name: String, value: FilterValue)] {
        switch self {
        case .and(let left, let right), .or(let left, let right): left.properties + right.properties
        case .not(let inner): inner.properties
        case .member(let property, let values): values.map { (property, $0) }
        case .text(_, let property, let text): [(property, .text(text))]
        case .comparison(let property, _, let value): [(property, value)]
        }
    }

    /// Not case-sensitive, as in SQL Server.
    private static func holds(_ function: TextFunction, _ held: FilterValue, _ wanted: String) -> Bool {
        guard case .text(let whole) = held else { return false }
        let (text, part) = (whole.lowercased(), wanted.lowercased())
        return switch function {
        case .contains: part.isEmpty || text.contains(part)
        case .startswith: text.hasPrefix(part)
        case .endswith: text.hasSuffix(part)
        }
    }

    private static func holds(_ comparison: Comparison, _ held: FilterValue, _ wanted: FilterValue) -> Bool {
        switch comparison {
        case .eq: held.isSame(wanted)
        case .ne: !held.isSame(wanted)
        case .gt: wanted.isBefore(held)
        case .lt: held.isBefore(wanted)
        case .ge: wanted.isBefore(held) || held != .null && held.isSame(wanted)
        case .le: held.isBefore(wanted) || held != .null && held.isSame(wanted)
        }
    }
}

/// A value in a filter or an order.
enum FilterValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case id(GUID)
    case moment(Timestamp)

    func isSame(_ other: FilterValue) -> Bool {
        switch (self, other) {
        case (.text(let left), .text(let right)): left.lowercased() == right.lowercased()
        default: self == other
        }
    }

    /// False if either is null.
    func isBefore(_ other: FilterValue) -> Bool {
        switch (self, other) {
        case (.flag(let left), .flag(let right)): !left && right
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left.lowercased() < right.lowercased()
        case (.id(let left), .id(let right)): left < right
        case (.moment(let left), .moment(let right)): left < right
        default: false
        }
    }
}
