/// The kinds of Marketo records that Oneway maintains. Of a person it maintains the company alone.
public enum RecordKind: String, Hashable, Sendable, CaseIterable {
    case company, opportunity, role, person, salesPerson

    /// Opportunities refer to it, often many to one: it belongs to none of them, goes before them, and is never
    /// deleted.
    public var isShared: Bool { self == .company || self == .salesPerson }

    /// `1 company`, `2 companies`.
    public func named(_ count: some BinaryInteger) -> String {
        switch self {
        case .company: Wording.count(count, "company", "companies")
        case .opportunity: Wording.count(count, "opportunity", "opportunities")
        case .role: Wording.count(count, "role")
        case .person: Wording.count(count, "person", "people")
        case .salesPerson: Wording.count(count, "sales person")
        }
    }
}

/// The key of one Marketo record: a company by its account, an opportunity by its own id, a role by
/// `<opportunity>/<contact>/<role name>`, a person by the contact, a sales person by the user.
public struct DeliveryKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let kind: RecordKind
    public let text: String

    public init(_ kind: RecordKind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    public var description: String { "\(kind.rawValue)/\(text)" }

    /// The inverse of `description`. By bytes: a slash and a combining mark after it are one Character to Swift.
    public init?(description: String) {
        guard let slash = description.utf8.firstIndex(of: UInt8(ascii: "/")),
            let kind = RecordKind(rawValue: String(description[..<slash]))
        else { return nil }
        self.init(kind, String(description[description.utf8.index(after: slash)...]))
    }

    /// The parts of a role's key, `<opportunity>/<contact>/<role name>`; a name may contain slashes.
    public var role: (opportunity: String, contact: GUID, name: String)? {
        guard kind == .role else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard parts.count == 3, let contact = GUID(parts[1]) else { return nil }
        return (parts[0], contact, parts[2])
    }

    /// The contact of a role or a person.
    public var contact: GUID? { kind == .person ? GUID(text) : role?.contact }

    /// The value by which the lead of this record is found: what the record says, else the contact's id.
    public func leadValue(in record: [UInt8]?) -> String? {
        record.flatMap { RecordMembers($0).text("lead") } ?? contact?.description
    }

    public static func < (left: DeliveryKey, right: DeliveryKey) -> Bool {
        left.kind == right.kind ? left.text < right.text : left.kind.rawValue < right.kind.rawValue
    }
}
