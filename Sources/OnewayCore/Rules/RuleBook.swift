/// What Marketo should hold: a pure function of what is known, with its reasons.
///
/// Each rule has a file, named and numbered as in docs/rules.md.
public struct RuleBook: Sendable {
    public let settings: RuleSettings
    /// In the order of Marketo's names, so that the order of the configuration never shows.
    let fields: [SelectedField]
    /// Look-ups that are sent by the name of what they point to.
    let namedLookups: [String]
    /// R3: the columns that the mirror keeps of each table: what was selected, what the rules need, nothing else.
    public let columns: [Entity: Set<String>]
    let edges: [Entity: [Edge]]

    public init(_ settings: RuleSettings) {
        self.settings = settings
        var fields = (settings.fields ?? SelectedField.byDefault).filter { !SelectedField.ruled.contains($0.field) }
        // Marketo demands a name (R13), so it is sent even where it is not selected.
        if !fields.contains(where: { $0.field == "name" }) { fields.append(SelectedField("name", "name")) }
        fields.sort { ($0.field, $0.column) < ($1.field, $1.column) }
        self.fields = fields
        namedLookups = fields.filter { $0.conversion == .lookup(by: .name) }.map(\.column)
        columns = Self.columns(settings, fields, namedLookups)
        edges = Self.edges(namedLookups)
    }

    /// All that follows from one opportunity: its company, itself, its roles; what Marketo must not hold (any more)
    /// included. A row of `held` that is not among them stays as it is.
    ///
    /// `held` is what the outbox has of this opportunity and its roles. It decides only which roles must go, what `keep`
    /// keeps, and what becomes of a value that Oneway put there and that is not known any more.
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
        var records = company(slice, customer).map { [$0] } ?? []
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
public enum Absence: String, Sendable {
    case refused, deleted, filtered
}

extension RuleBook {
    /// In the order in which the rules ask.
    public func absence(of opportunity: MirrorRecord) -> Absence? {
        if refused(opportunity) != nil { return .refused }
        if deleted(opportunity) != nil { return .deleted }
        return filtered(opportunity) == nil ? nil : .filtered
    }
}

/// What the outbox holds of one record.
public struct CurrentRecord: Hashable, Sendable {
    public let key: DeliveryKey
    /// What was wanted before.
    public let desired: [UInt8]?
    /// What Marketo confirmed last.
    public let confirmed: [UInt8]?
    /// What was wanted before may be in Marketo already, without its confirmation.
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

    /// What Marketo has, or may have by now, of a field, be it empty; nil: it was told nothing of it.
    func value(of field: String) -> JSONValue? {
        (isUnderWay ? Self.member(field, of: desired) : nil) ?? Self.member(field, of: confirmed)
    }

    private static func member(_ name: String, of record: [UInt8]?) -> JSONValue? {
        record.flatMap { try? JSONDocument($0) }?.root[name]
    }
}
