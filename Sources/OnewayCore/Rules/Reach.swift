/// Dependencies between records: which records make up a slice, and which are affected when a record changes (R9). Both
/// follow the look-ups between records, which the store follows backwards by index.
extension RuleBook {
    /// The look-ups of a record that are followed, and their targets.
    public func references(of record: MirrorRecord) -> [(column: String, to: RecordKey)] {
        targets(of: record, \.leadsTo)
    }

    /// The look-ups that the store finds backwards: those that are followed, and those that only name a person, to find
    /// all that has to go when the person is erased.
    public func storedReferences(of record: MirrorRecord) -> [(column: String, to: RecordKey)] {
        targets(of: record) { $0.leadsTo.union($0.names) }
    }

    private func targets(
        of record: MirrorRecord,
        _ tables: (Edge) -> Set<Entity>
    ) -> [(column: String, to: RecordKey)] {
        (edges[record.key.entity] ?? []).compactMap { edge in
            guard let (name, id) = record[edge.column]?.reference, let entity = Entity(rawValue: name),
                tables(edge).contains(entity)
            else { return nil }
            return (edge.column, RecordKey(entity, id))
        }
    }

    /// The records still to be looked up in the mirror before this slice is complete. Repeat until nothing new is
    /// found: a contact leads to its account, a loser to its winner.
    public func missing(in slice: Slice) -> Set<RecordKey> {
        var contacts: Set<GUID> = []
        var accounts: Set<GUID> = []
        for connection in slice.connections {
            if case .stakeholder(_, let id) = ConnectionKind(connection) {
                contacts.insert(slice.winner(ofContact: id))
            }
        }
        switch Customer(of: slice.opportunity) {
        case .account(let id):
            accounts.insert(slice.winner(ofAccount: id))
            if settings.formContactRole != nil,
                case .reference("contact", let contact) = slice.opportunity["parentcontactid"]
            {
                contacts.insert(slice.winner(ofContact: contact))
            }
        case .contact(let id):
            let winner = slice.winner(ofContact: id)
            contacts.insert(winner)
            if case .reference("account", let account) = slice.contacts[winner]?["parentcustomerid"] {
                accounts.insert(slice.winner(ofAccount: account))
            }
        case .nobody, .noAccount, .unknown: break
        }
        for column in namedLookups {
            switch slice.opportunity[column] {
            case .reference("account", let id): accounts.insert(id)
            case .reference("contact", let id): contacts.insert(id)
            default: break
            }
        }
        let owner = owner(of: slice.opportunity).map { [$0] } ?? []
        return Set(contacts.filter { slice.contacts[$0] == nil }.map { RecordKey(.contact, $0) })
            .union(accounts.filter { slice.accounts[$0] == nil }.map { RecordKey(.account, $0) })
            .union(owner.filter { slice.users[$0] == nil }.map { RecordKey(.systemUser, $0) })
    }

    /// The records that a change affects.
    public enum Reach: Hashable, Sendable {
        case nobody
        /// Only the company of this account, if it exists.
        case company(GUID)
        /// Only the sales person of this user, if it exists.
        case salesPerson(GUID)
        /// These opportunities.
        case opportunities(Set<GUID>)
        /// All records that refer to this one: opportunities themselves, and for the others the result of
        /// `reach(through:)`.
        case referrers
    }

    /// The effect of a change beyond the record itself.
    public func reach(before: MirrorRecord?, after: MirrorRecord) -> Reach {
        let hasChanged = { (columns: Set<String>) in
            before?.isDeleted ?? false != after.isDeleted || columns.contains { before?[$0] != after[$0] }
        }
        switch after.key.entity {
        case .opportunity: return .opportunities([after.key.id])
        case .connection:
            return .opportunities(Set([before, after].compactMap { $0.flatMap { opportunity(of: $0) } }))
        case .contact:
            return hasChanged(columns[.contact] ?? []) ? .referrers : .nobody
        case .account:
            if hasChanged(["masterid", "merged"]) || !namedLookups.isEmpty && hasChanged(["name"]) {
                return .referrers
            }
            return hasChanged(["name"]) ? .company(after.key.id) : .nobody
        case .systemUser:
            return hasChanged(columns[.systemUser] ?? []) ? .salesPerson(after.key.id) : .nobody
        }
    }

    /// A record that refers to a changed one passes the change on: a connection to its opportunity, a contact or an
    /// account to every record that refers to it.
    public func reach(through referrer: MirrorRecord) -> Reach {
        switch referrer.key.entity {
        case .opportunity: return .opportunities([referrer.key.id])
        case .connection: return .opportunities(Set([opportunity(of: referrer)].compactMap(\.self)))
        case .contact, .account: return .referrers
        case .systemUser: return .nobody
        }
    }

    static func edges(_ namedLookups: [String]) -> [Entity: [Edge]] {
        let opportunity = [
            Edge(column: "customerid", leadsTo: [.account, .contact]),
            Edge(column: "parentaccountid", leadsTo: [.account]),
            Edge(column: "parentcontactid", leadsTo: [.contact]),
        ]
        let named = namedLookups.filter { column in !opportunity.contains { $0.column == column } }
        return [
            .opportunity: opportunity + named.map { Edge(column: $0, leadsTo: [.account, .contact]) },
            .contact: [
                Edge(column: "parentcustomerid", leadsTo: [.account], names: [.contact]),
                Edge(column: "masterid", leadsTo: [.contact]),
            ],
            .account: [Edge(column: "masterid", leadsTo: [.account])],
            .connection: [
                Edge(column: "record1id", leadsTo: [.opportunity], names: [.contact]),
                Edge(column: "record2id", leadsTo: [.contact]),
            ],
        ]
    }

    private func opportunity(of connection: MirrorRecord) -> GUID? {
        if case .stakeholder(let opportunity, _) = ConnectionKind(connection) { opportunity } else { nil }
    }
}

/// A look-up, the tables to which it is followed, and those of which it only names a record: nothing follows from that one.
struct Edge: Sendable {
    let column: String
    let leadsTo: Set<Entity>
    var names: Set<Entity> = []
}
