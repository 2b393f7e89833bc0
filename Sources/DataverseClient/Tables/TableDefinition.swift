public import OnewayCore

/// A table as the environment describes it.
public struct TableDefinition: Hashable, Sendable {
    public let entity: Entity
    public let label: String?
    /// Without it, changes cannot be asked for. Switching it on is up to an administrator.
    public let tracksChanges: Bool
    /// By logical name.
    public let columns: [String: ColumnDefinition]

    public init(_ entity: Entity, label: String? = nil, tracksChanges: Bool, columns: [ColumnDefinition]) {
        self.entity = entity
        self.label = label
        self.tracksChanges = tracksChanges
        self.columns = Dictionary(columns.map { ($0.name, $0) }) { first, _ in first }
    }
}

public struct ColumnDefinition: Hashable, Sendable {
    /// The logical name.
    public let name: String
    public let label: String?
    public let type: ColumnType
    /// For texts, where it was asked for.
    public var lengthMax: Int?

    public init(_ name: String, _ type: ColumnType, label: String? = nil, lengthMax: Int? = nil) {
        self.name = name
        self.label = label
        self.type = type
        self.lengthMax = lengthMax
    }

    /// The name in the Web API.
    var property: String { type == .lookup ? "_\(name)_value" : name }
}

extension Entity {
    /// The name of the table's rows in the Web API.
    var setName: String {
        switch self {
        case .opportunity: "opportunities"
        case .contact: "contacts"
        case .account: "accounts"
        case .connection: "connections"
        case .systemUser: "systemusers"
        }
    }
}
