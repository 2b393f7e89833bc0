/// All tables, by logical name and by entity set name.
struct Tables: Sendable {
    private(set) var all: [Table]
    private let byName: [String: Int]
    private let bySet: [String: Int]

    init() {
        all = [
            .account, .contact, .opportunity, .connection, .connectionRole, .systemUser, .team, .currency,
            .businessUnit, .organization, .systemJob, .endpoint, .message, .messageFilter, .step, .image,
        ]
        byName = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })
        bySet = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.set, $0) })
    }

    subscript(name: String) -> Table? { byName[name].map { all[$0] } }

    func table(set: String) -> Table? { bySet[set].map { all[$0] } }

    /// The tables whose changes raise messages that steps can be registered on, with these messages.
    static let raising: [(table: String, messages: [String])] = [
        ("account", ["Create", "Update", "Delete", "Assign", "SetState", "Merge"]),
        ("contact", ["Create", "Update", "Delete", "Assign", "SetState", "Merge"]),
        ("opportunity", ["Create", "Update", "Delete", "Assign", "SetState", "Win", "Lose"]),
        ("connection", ["Create", "Update", "Delete", "Assign", "SetState"]),
        ("connectionrole", ["Create", "Update", "Delete", "SetState"]),
        ("systemuser", ["Create", "Update", "Delete"]),
    ]

    /// Adds a custom column. A money column comes with a second one in the base currency.
    mutating func add(_ column: CustomColumn, to name: String) throws(DataverseError) {
        guard let index = byName[name] else { throw .invalid("There is no table \(name).") }
        guard column.name.contains("_"), all[index].column(column.name) == nil else {
            throw .invalid("\(column.name) is taken, or has no prefix like new_.")
        }
        all[index].add(Column(column.name, column.label, column.columnKind).custom)
        if column.kind == .money {
            all[index].add(Column("\(column.name)_base", "\(column.label) (Base)", .money).custom.readOnly)
        }
    }

    /// Dataverse never allows it to be switched off; here it can be, to test what a client does without it.
    mutating func setTracking(_ name: String, _ isOn: Bool) {
        if let index = byName[name] { all[index].tracksChanges = isOn }
    }
}
