/// A column of a table: its type, and who may read and set it.
struct Column: Sendable {
    enum Kind: Hashable, Sendable {
        case key
        case text(max: Int)
        case memo(max: Int)
        case whole
        case bigint
        case decimal
        case money
        case flag
        case moment
        case day
        case choice([Choice])
        case state([Choice])
        case status([Choice])
        case lookup([String])
    }

    struct Choice: Hashable, Sendable {
        let value: Int
        let label: String
        /// For a status: the state it belongs to.
        var state: Int?
    }

    let name: String
    let label: String
    let kind: Kind
    /// Only Dataverse sets it.
    var isReadOnly = false
    /// Write-only.
    var isSecret = false
    /// Not part of a standard environment.
    var isCustom = false

    init(_ name: String, _ label: String, _ kind: Kind) {
        self.name = name
        self.label = label
        self.kind = kind
    }

    var readOnly: Column {
        var column = self
        column.isReadOnly = true
        return column
    }

    var custom: Column {
        var column = self
        column.isCustom = true
        return column
    }

    var secret: Column {
        var column = self
        column.isSecret = true
        return column
    }

    var targets: [String]? {
        if case .lookup(let tables) = kind { tables } else { nil }
    }

    var choices: [Choice]? {
        switch kind {
        case .choice(let choices), .state(let choices), .status(let choices): choices
        default: nil
        }
    }

    /// The name in the Web API: that of a lookup is `_name_value`.
    var property: String { targets == nil ? name : "_\(name)_value" }

    /// The navigation property for lookups to this table; names are case-sensitive.
    func navigation(to table: String) -> String {
        (targets?.count ?? 0) > 1 || name == "eventhandler" ? "\(name)_\(table)" : name
    }
}

extension Column {
    static func text(_ name: String, _ label: String, _ max: Int = 100) -> Column {
        Column(name, label, .text(max: max))
    }
    static func memo(_ name: String, _ label: String, _ max: Int = 2000) -> Column {
        Column(name, label, .memo(max: max))
    }
    static func lookup(_ name: String, _ label: String, _ targets: String...) -> Column {
        Column(name, label, .lookup(targets))
    }
    static func choice(_ name: String, _ label: String, _ choices: [Int: String]) -> Column {
        Column(name, label, .choice(sorted(choices)))
    }
    static func state(_ choices: [Int: String]) -> Column { Column("statecode", "Status", .state(sorted(choices))) }

    /// Status reasons with their states; the first of each state is the default.
    static func status(_ reasons: (state: Int, value: Int, label: String)...) -> Column {
        Column("statuscode", "Status Reason", .status(reasons.map { Choice(value: $1, label: $2, state: $0) }))
    }

    private static func sorted(_ choices: [Int: String]) -> [Choice] {
        choices.sorted { $0.key < $1.key }.map { Choice(value: $0.key, label: $0.value) }
    }
}
