/// The Marketo records that Oneway keeps.
public enum RecordKind: String, Hashable, Sendable, CaseIterable {
    case company, opportunity, role
}

/// One Marketo record: a company by its account, an opportunity by itself, a role by
/// `<opportunity>/<contact>/<role name>`.
public struct DeliveryKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let kind: RecordKind
    public let text: String

    public init(_ kind: RecordKind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    public var description: String { "\(kind.rawValue)/\(text)" }

    public static func < (left: DeliveryKey, right: DeliveryKey) -> Bool {
        left.kind == right.kind ? left.text < right.text : left.kind.rawValue < right.kind.rawValue
    }
}
