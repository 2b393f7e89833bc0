/// The tables of Dynamics that the mirror holds.
public enum Entity: String, Hashable, Sendable, CaseIterable {
    case opportunity, contact, account, connection
    /// Only read, for `marketo.salesPersons`: no notification is ever about one.
    case systemUser = "systemuser"

    /// Those whose changes Dynamics reports, and that are loaded and compared.
    public static let reported: [Entity] = [.opportunity, .contact, .account, .connection]

    public var isReported: Bool { self != .systemUser }
}

/// One record of Dynamics.
public struct RecordKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let entity: Entity
    public let id: GUID

    public init(_ entity: Entity, _ id: GUID) {
        self.entity = entity
        self.id = id
    }

    public var description: String { "\(entity.rawValue) \(id)" }

    public static func < (left: RecordKey, right: RecordKey) -> Bool {
        left.entity == right.entity ? left.id < right.id : left.entity.rawValue < right.entity.rawValue
    }
}
