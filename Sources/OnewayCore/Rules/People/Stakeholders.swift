/// The kind of a connection, from an opportunity's point of view: R6, R10.
public enum ConnectionKind: Hashable, Sendable {
    case stakeholder(opportunity: GUID, contact: GUID)
    /// Dynamics stores each connection as two rows; this is the one in the other direction.
    case mirrorRow
    /// To a record that gets no role: an account, a user, a lead.
    case other(entity: String)
    /// Has nothing to do with opportunities.
    case elsewhere
    case notKnownYet

    public init(_ record: MirrorRecord) {
        switch (record["record1id"], record["record2id"]) {
        case (.reference("opportunity", let opportunity), .reference("contact", let contact)):
            self = .stakeholder(opportunity: opportunity, contact: contact)
        case (.reference(_, _), .reference("opportunity", _)): self = .mirrorRow
        case (.reference("opportunity", _), .reference(let entity, _)): self = .other(entity: entity)
        case (nil, _), (_, nil): self = .notKnownYet
        default: self = .elsewhere
        }
    }

    /// Why this connection makes no role, nil if it may make one.
    public var ignored: Reason? {
        switch self {
        case .stakeholder: nil
        case .mirrorRow:
            Reason(rule: "R10", says: "mirror row: the row from the opportunity to the contact counts")
        case .other(let entity): Reason(rule: "R10", says: "a connection to \(entity) makes no role, only to contact")
        case .elsewhere: Reason(rule: "R10", says: "this connection does not involve an opportunity")
        case .notKnownYet: Reason(rule: "R10", says: "the two ends of this connection are not known yet")
        }
    }
}

extension RuleBook {
    /// One role per stakeholder and role name, regardless of how many connections give it.
    func stakeholders(_ slice: Slice) -> [Role] {
        slice.connections.sorted { $0.key < $1.key }.compactMap { stakeholder($0, slice) }
    }

    private func stakeholder(_ connection: MirrorRecord, _ slice: Slice) -> Role? {
        guard case .stakeholder(slice.opportunity.key.id, let named) = ConnectionKind(connection),
            !connection.isDeleted, !isInactive(connection)
        else { return nil }
        let contact = slice.winner(ofContact: named)
        guard !(slice.contacts[contact]?.isDeleted ?? false) else { return nil }
        let (name, says) = roleName(connection)
        var role = Role(contact: contact, name: name, isPrimary: false)
        role.since = connection.createdOn ?? slice.opportunity.createdOn
        role.reasons = [
            Reason(rule: "R6", says: "connection \(connection.key.id) makes contact \(named) a stakeholder"), says,
        ]
        if contact != named {
            role.reasons.append(Reason(rule: "R6", says: "contact \(named) was merged into contact \(contact)"))
        }
        return role
    }

    /// Never from the body: names there are in the language of the user who made the change.
    private func roleName(_ connection: MirrorRecord) -> (name: String, says: Reason) {
        let connectionRole = connection["record2roleid"]
        guard let role = connectionRole?.reference?.id else {
            let why = connectionRole == nil ? "not known" : "empty"
            return (settings.stakeholderRole, Reason(rule: "R10", says: "the connection role is \(why)"))
        }
        guard let name = settings.roleNames[role] else {
            if let read = LookupName(connection[RuleSettings.roleNameColumn]), read.id == role {
                return (read.name, Reason(rule: "R10", says: "connection role \(role) is \(read.name) in Dynamics"))
            }
            let says = "connection role \(role) has no name in rules.roleNames"
            return (settings.stakeholderRole, Reason(rule: "R10", says: says))
        }
        return (name, Reason(rule: "R10", says: "connection role \(role) is \(name) in rules.roleNames"))
    }

    func isInactive(_ connection: MirrorRecord) -> Bool { connection["statecode"]?.choice == 1 }
}
