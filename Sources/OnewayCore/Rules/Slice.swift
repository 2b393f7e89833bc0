/// All the mirror records that determine one opportunity. The rules see nothing else.
public struct Slice: Sendable {
    public var opportunity: MirrorRecord
    public var contacts: [GUID: MirrorRecord] = [:]
    public var accounts: [GUID: MirrorRecord] = [:]
    public var users: [GUID: MirrorRecord] = [:]
    /// All connections whose record 1 is the opportunity.
    public var connections: [MirrorRecord] = []

    public init(_ opportunity: MirrorRecord) { self.opportunity = opportunity }

    /// Adds a record in the place where the rules look for it.
    public mutating func add(_ record: MirrorRecord) {
        switch record.key.entity {
        case .opportunity: opportunity = record
        case .contact: contacts[record.key.id] = record
        case .account: accounts[record.key.id] = record
        case .systemUser: users[record.key.id] = record
        case .connection:
            connections.removeAll { $0.key == record.key }
            connections.append(record)
        }
    }
}
