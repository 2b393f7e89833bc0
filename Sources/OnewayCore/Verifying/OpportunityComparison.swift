/// An opportunity and its roles on both sides. Pure: what was read is given, and the findings follow.
public struct OpportunityComparison {
    public let id: GUID
    /// What follows from Dynamics, without companies.
    public var expected: [DeliveryKey: DesiredRecord] = [:]
    /// The outbox's rows before and after Marketo was read.
    public var before: [DeliveryKey: OutboxItem] = [:]
    public var after: [DeliveryKey: OutboxItem] = [:]
    /// What Marketo holds.
    public var opportunity: JSONValue?
    public var roles: [HeldRole] = []
    /// The leads of contacts whose roles were never sent.
    public var leads: [DeliveryKey: Int64] = [:]
    public var fields: MarketoFields?

    public init(_ id: GUID) { self.id = id }

    public struct Result: Sendable {
        public var findings: [Finding] = []
        public var tally = VerifyTally()
    }

    public var result: Result {
        var result = Result()
        let key = DeliveryKey(.opportunity, "\(id)")
        if expected[key] != nil || before[key] != nil {
            let standing = standing(key)
            result.tally.count(standing)
            let comparison = RecordComparison(key, expected[key], before[key])
            if standing == .comparable, let finding = comparison.finding(opportunity, of: id, fields) {
                result.findings.append(finding)
            }
        }
        compareRoles(&result)
        return result
    }

    private func standing(_ key: DeliveryKey) -> Standing { Standing(expected[key], before[key], after[key]) }

    private func lead(_ key: DeliveryKey) -> Int64? { before[key]?.state.lead ?? leads[key] }

    /// Contacts that are one lead in Marketo share its role.
    private func compareRoles(_ result: inout Result) {
        let keys = Set(expected.keys).union(before.keys).filter { $0.kind == .role }.sorted()
        var groups: [HeldRole.ID: [RecordComparison]] = [:]
        // Marketo may hold them already, for a lead that is not known here yet.
        var underWay: Set<String> = []
        for key in keys {
            let comparison = RecordComparison(key, expected[key], before[key])
            var standing = standing(key)
            let name = key.role?.name ?? ""
            if standing == .comparable, comparison.expected != nil, lead(key) == nil { standing = .waiting }
            result.tally.count(standing)
            guard standing == .comparable else {
                underWay.insert(name)
                continue
            }
            if let lead = lead(key) { groups[HeldRole.ID(lead: lead, name: name), default: []].append(comparison) }
        }
        let held = Dictionary(roles.map { ($0.id, $0) }) { first, _ in first }
        for (role, group) in groups.sorted(by: { $0.value[0].key < $1.value[0].key })
        where !underWay.contains(role.name) {
            if let finding = finding(group, held[role]) { result.findings.append(finding) }
        }
        for role in roles where groups[role.id] == nil && !underWay.contains(role.id.name) {
            let says = "Oneway never sent this role"
            let key = "\(id)/\(role.id.lead)/\(role.id.name)"
            result.findings.append(Finding(.superfluous, .role, key, of: id, .marketo, says: says))
        }
    }

    private func finding(_ group: [RecordComparison], _ held: HeldRole?) -> Finding? {
        let wanting = group.filter { $0.expected != nil }
        guard let first = wanting.first else { return held == nil ? nil : group[0].superfluous(of: id) }
        guard let held else { return first.missing(of: id) }
        let (expected, wanted) = (SharedRole(wanting.map(\.expected)), SharedRole(group.map(\.wanted)))
        let shared = first.with(expected.record, wanted.record)
        return shared.finding(held.fields, of: id, nil)
    }
}

/// A role in Marketo.
public struct HeldRole: Sendable {
    public struct ID: Hashable, Sendable {
        public let lead: Int64
        public let name: String

        public init(lead: Int64, name: String) { (self.lead, self.name) = (lead, name) }
    }

    public let id: ID
    /// The opportunity's id as Marketo writes it.
    public let opportunity: String
    public let fields: JSONValue

    public static let fieldNames = ["externalOpportunityId", "leadId", "role", "isPrimary", "externalCreatedDate"]

    public init?(_ fields: JSONValue) {
        guard let opportunity = fields["externalOpportunityId"]?.string, let name = fields["role"]?.string,
            let lead = fields["leadId"]?.int ?? fields["leadId"]?.string.flatMap({ Int($0) })
        else { return nil }
        (id, self.opportunity, self.fields) = (ID(lead: Int64(lead), name: name), opportunity, fields)
    }
}

/// The role of a lead that several contacts share, as it is sent: primary if any is, and since the first.
private struct SharedRole {
    let record: [UInt8]?

    init(_ records: [[UInt8]?]) {
        let all = records.compactMap(\.self).map(RecordMembers.init)
        if all.isEmpty {
            record = nil
            return
        }
        // Times in this form sort as text.
        let since = all.compactMap { $0.text("externalCreatedDate") }.min()
        let date = since.map { [JSON.Member("externalCreatedDate", .string($0))] } ?? []
        let isPrimary = all.contains { $0["isPrimary"]?.bool == true }
        record = JSON.object([.init("isPrimary", .bool(isPrimary))] + date).encoded
    }
}

extension RecordComparison {
    fileprivate func with(_ expected: [UInt8]?, _ wanted: [UInt8]?) -> RecordComparison {
        RecordComparison(key, expected: expected, wanted: wanted, reasons)
    }

    private init(_ key: DeliveryKey, expected: [UInt8]?, wanted: [UInt8]?, _ reasons: [Reason]) {
        (self.key, self.expected, self.wanted, self.reasons, leftOut) = (key, expected, wanted, reasons, [])
    }
}
