/// One record as it follows from Dynamics, as it follows from what Oneway was told, and as Marketo has it.
public struct RecordComparison {
    public let key: DeliveryKey
    /// What follows from Dynamics; where it is not connected, the same as `wanted`. Nil: must not exist.
    public let expected: [UInt8]?
    public let wanted: [UInt8]?
    public let reasons: [Reason]
    /// Marketo did not accept these when the record was sent.
    let leftOut: Set<String>

    public init(_ key: DeliveryKey, _ expected: DesiredRecord?, _ item: OutboxItem?) {
        self.key = key
        wanted = item?.state.desired
        self.expected = expected.map(\.desired.record) ?? wanted
        reasons = expected?.desired.reasons ?? item?.state.reasons ?? []
        leftOut = item?.state.trouble?.code == "718" ? [RecordKind.salesPerson.identifyingField] : []
    }

    public var cause: Finding.Cause { expected == wanted ? .marketo : .dynamics }

    /// Nil: both sides are equal.
    public func finding(_ held: JSONValue?, of opportunity: GUID?, _ fields: MarketoFields?) -> Finding? {
        switch (expected, held) {
        case (nil, nil): return nil
        case (nil, .some): return superfluous(of: opportunity)
        case (.some, nil): return missing(of: opportunity)
        case (let expected?, let held?):
            let differences = FieldDifference.between(
                RecordMembers(expected),
                wanted.map(RecordMembers.init),
                held,
                fields
            ) { name in
                leftOut.contains(name) || fields.map { $0.byName[name]?.isUpdateable != true } ?? false
                    || name == key.kind.identifyingField
            }
            return different(differences, of: opportunity)
        }
    }

    func missing(of opportunity: GUID?) -> Finding {
        let says =
            cause == .marketo
            ? "Marketo had confirmed it, and does not have it any more"
            : "no notification told Oneway that it belongs there"
        return Finding(.missing, key.kind, key.text, of: opportunity, cause, says: says)
    }

    func different(_ differences: [FieldDifference], of opportunity: GUID?) -> Finding? {
        if differences.isEmpty { return nil }
        let says =
            cause == .marketo
            ? "it was changed in Marketo, not by Oneway" : "Dynamics has other values than Oneway was told"
        return Finding(.different, key.kind, key.text, of: opportunity, cause, fields: differences, says: says)
    }

    func superfluous(of opportunity: GUID?) -> Finding {
        let why = reasons.first.map { ": \($0.says)" } ?? ""
        return Finding(.superfluous, key.kind, key.text, of: opportunity, cause, says: "it must not exist\(why)")
    }
}

extension RecordKind {
    /// The field by which Marketo finds records of this kind, and those of an opportunity.
    public var identifyingField: String {
        switch self {
        case .company: "externalCompanyId"
        case .salesPerson: "externalSalesPersonId"
        case .opportunity, .role, .person: "externalOpportunityId"
        }
    }
}
