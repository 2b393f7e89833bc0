/// All tables, by both of their names.
struct Tables: Sendable {
    private(set) var all: [Table]
    private let byName: [String: Int]
    private let bySet: [String: Int]

    init() {
        all = [
            .account, .contact, .opportunity, .connection, .connectionRole, .systemUser, .currency, .businessUnit,
            .organization, .systemJob, .endpoint, .message, .messageFilter, .step, .image,
        ]
        byName = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })
        bySet = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.set, $0) })
    }

    subscript(name: String) -> Table? { byName[name].map { all[$0] } }

    func table(set: String) -> Table? { bySet[set].map { all[$0] } }

    /// Those whose changes raise messages that a step can be registered on, with the messages.
    static let raising: [(table: String, messages: [String])] = [
        ("account", ["Create", "Update", "Delete", "Assign", "SetState", "Merge"]),
        ("contact", ["Create", "Update", "Delete", "Assign", "SetState", "Merge"]),
        ("opportunity", ["Create", "Update", "Delete", "Assign", "SetState", "Win", "Lose"]),
        ("connection", ["Create", "Update", "Delete", "Assign", "SetState"]),
        ("connectionrole", ["Create", "Update", "Delete", "SetState"]),
        ("systemuser", ["Create", "Update", "Delete"]),
    ]

    /// It cannot be switched off in Dataverse; here it can, to see what a client does without.
    mutating func setTracking(_ name: String, _ isOn: Bool) {
        if let index = byName[name] { all[index].tracksChanges = isOn }
    }
}
