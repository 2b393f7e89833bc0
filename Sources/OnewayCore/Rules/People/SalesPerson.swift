/// `marketo.salesPersons`: the user who owns an opportunity is its sales person in Marketo.
extension RuleBook {
    /// The sales person of an opportunity; nil: left out. One that Oneway sent is cleared once no user owns the
    /// opportunity (R12), and repeated as long as nothing is known, so that the next confirmation still shows it.
    func salesPerson(_ reading: inout FieldReading, _ held: CurrentRecord?) -> JSON? {
        guard settings.sendsSalesPersons else { return nil }
        if reading.opportunity.attributes["ownerid"]?.isUnsure == true {
            reading.reasons.append(
                Reason(rule: "R7", says: "ownerid was reported with two values in one second: unsure")
            )
        }
        let sent = held?.value(of: Self.salesPersonField)
        switch Owner(of: reading.opportunity) {
        case .user(let id):
            reading.reasons.append(Reason(rule: "R3", says: "the owner is user \(id): its sales person"))
            return .string(id.description)
        case .noUser(let says):
            let follows = sent == nil ? "no sales person" : "the sales person is cleared"
            reading.reasons.append(Reason(rule: sent == nil ? "R3" : "R12", says: "\(says): \(follows)"))
            return sent == nil ? nil : .null
        case .notKnown:
            reading.unknown.append(Self.salesPersonField)
            reading.reasons.append(Reason(rule: "R3", says: "the owner is not known: the sales person stays as it is"))
            return sent.map { .encoded($0.encoded) }
        }
    }

    /// R13: the sales person exists before the opportunity that names it.
    func salesPerson(_ slice: Slice) -> DesiredRecord? {
        guard let id = owner(of: slice.opportunity) else { return nil }
        return salesPerson(id, slice.users[id])
    }

    /// The sales person that Marketo should hold for a user who owns some opportunity. It is never deleted, and a user
    /// who is deleted stays as last known.
    public func salesPerson(_ id: GUID, _ user: MirrorRecord?) -> DesiredRecord {
        var record = MarketoRecord()
        var reasons = [Reason(rule: "R13", says: "user \(id) owns an opportunity")]
        var unknown: [String] = []
        record.add(Self.salesPersonField, .string(id.description))
        for (column, field) in Self.userColumns {
            switch user?[column] {
            case nil: unknown.append(field)
            case .text(let text) where !text.isEmpty:
                record.add(field, .string(cut(text, for: field, &reasons)))
            default: record.add(field, .null)
            }
        }
        if !unknown.isEmpty {
            let says =
                "\(unknown.joined(separator: ", ")) of the user \(unknown.count == 1 ? "is" : "are") not known yet"
            reasons.append(Reason(rule: "R13", says: "\(says): left out"))
        }
        let key = DeliveryKey(.salesPerson, id.description)
        return DesiredRecord(key, DesiredState(record.bytes, reasons: reasons), unknown: unknown)
    }

    /// The user who is to be its sales person.
    func owner(of opportunity: MirrorRecord) -> GUID? {
        guard settings.sendsSalesPersons, case .user(let id) = Owner(of: opportunity) else { return nil }
        return id
    }

    static let salesPersonField = RecordKind.salesPerson.identifyingField
    /// A user's columns, and the fields of a sales person that hold them.
    static let userColumns = [
        ("firstname", "firstName"), ("lastname", "lastName"), ("internalemailaddress", "email"),
    ]
}

/// Who owns an opportunity.
private enum Owner {
    case user(GUID)
    /// A team, or nobody.
    case noUser(says: String)
    case notKnown

    init(of opportunity: MirrorRecord) {
        switch opportunity["ownerid"] {
        case .reference(Entity.systemUser.rawValue, let id): self = .user(id)
        case .reference(let entity, let id): self = .noUser(says: "the owner is \(entity) \(id)")
        case .null: self = .noUser(says: "the owner was reported empty")
        default: self = .notKnown
        }
    }
}
