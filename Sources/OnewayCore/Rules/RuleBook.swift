/// Computes the records Marketo should hold: a pure function of the known facts, with its reasons.
///
/// Each rule has a file, named and numbered as in docs/rules.md.
public struct RuleBook: Sendable {
    public let settings: RuleSettings
    /// Sorted by Marketo's names, so that the order in the configuration has no effect.
    let fields: [SelectedField]
    /// Look-ups that are sent as the name of their target.
    let namedLookups: [String]
    /// R3: the columns that the mirror keeps of each table: those selected and those the rules need, nothing else.
    public let columns: [Entity: Set<String>]
    let edges: [Entity: [Edge]]

    public init(_ settings: RuleSettings) {
        self.settings = settings
        var fields = (settings.fields ?? SelectedField.byDefault).filter { !settings.ruledFields.contains($0.field) }
        // Marketo requires a name (R13), so it is sent even if it is not selected.
        if !fields.contains(where: { $0.field == "name" }) { fields.append(SelectedField("name", "name")) }
        fields.sort { ($0.field, $0.column) < ($1.field, $1.column) }
        self.fields = fields
        namedLookups = fields.filter { $0.conversion == .lookup(by: .name) }.map(\.column)
        columns = Self.columns(settings, fields, namedLookups)
        edges = Self.edges(namedLookups)
    }

    /// The records that follow from one opportunity: its company, its sales person, itself, its roles, including those
    /// that Marketo must not hold (any more). A row of `held` that is not among them stays as it is.
    ///
    /// `held` is what the outbox has of this opportunity and its roles. It only decides which roles must be withdrawn,
    /// what `keep` keeps, and what happens to a value that Oneway set and that is no longer known.
    public func project(_ slice: Slice, held: [CurrentRecord] = []) -> [DesiredRecord] {
        let opportunity = slice.opportunity
        if let reason = refused(opportunity) { return withdrawn(slice, held, [reason]) }
        if let reason = deleted(opportunity) { return departed(slice, held, [reason], settings.onDelete) }
        if let reason = filtered(opportunity) {
            return departed(slice, held, [reason] + untold(opportunity), settings.onNoLongerMatching)
        }
        let customer = customer(slice)
        let roles = roles(slice, customer)
        if roles.isEmpty, let reason = unheardOf(opportunity) { return withdrawn(slice, held, [reason]) }
        var records = [company(slice, customer), salesPerson(slice)].compactMap(\.self)
        records.append(projection(of: slice, customer, held))
        for (key, role) in roles.sorted(by: { $0.key < $1.key }) {
            records.append(DesiredRecord(key, desired(for: role, of: slice)))
        }
        for role in held where role.key.kind == .role && roles[role.key] == nil {
            if !customer.isKnown, role.isPrimaryRole { continue }
            records.append(DesiredRecord(role.key, withdrawal(of: role, customer)))
        }
        return records
    }
}

/// Why Marketo should hold nothing of an opportunity.
public enum Absence: String, Sendable, CaseIterable {
    // Raw values are stored: rename none.
    case refused, deleted, filtered
}

extension RuleBook {
    /// In the order in which the rules are checked.
    public func absence(of opportunity: MirrorRecord) -> Absence? {
        if refused(opportunity) != nil { return .refused }
        if deleted(opportunity) != nil { return .deleted }
        return filtered(opportunity) == nil ? nil : .filtered
    }
}

/// The outbox's state of one record.
public struct CurrentRecord: Hashable, Sendable {
    public let key: DeliveryKey
    /// The previous desired state.
    public let desired: [UInt8]?
    /// The state that Marketo last confirmed.
    public let confirmed: [UInt8]?
    /// The previous desired state may have reached Marketo already, without its confirmation.
    public let isUnderWay: Bool

    public init(_ key: DeliveryKey, desired: [UInt8]?, confirmed: [UInt8]?, isUnderWay: Bool = false) {
        self.key = key
        self.desired = desired
        self.confirmed = confirmed
        self.isUnderWay = isUnderWay
    }

    public init(_ key: DeliveryKey, _ state: DeliveryState) {
        self.init(
            key,
            desired: state.desired,
            confirmed: state.confirmed,
            isUnderWay: state.isClaimed || state.isInDoubt
        )
    }

    /// Whether this is a role that the customer gave (R4).
    var isPrimaryRole: Bool { key.kind == .role && Self.member("isPrimary", of: desired ?? confirmed)?.bool == true }

    /// The value that Marketo has, or may have by now, of a field, even if empty; nil: it was never sent one.
    func value(of field: String) -> JSONValue? {
        (isUnderWay ? Self.member(field, of: desired) : nil) ?? Self.member(field, of: confirmed)
    }

    private static func member(_ name: String, of record: [UInt8]?) -> JSONValue? {
        record.flatMap { RecordMembers($0)[name] }
    }
}
