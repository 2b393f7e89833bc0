/// R13: the company exists before the opportunity that names it.
extension RuleBook {
    func company(_ slice: Slice, _ customer: CustomerOutcome) -> DesiredRecord? {
        guard case .known(let id) = customer.account else { return nil }
        return company(id, slice.accounts[id])
    }

    /// An opportunity that only a connection named, and that connection now names another, is not waited for. One that
    /// had a notification of its own is, even if that notification contained nothing that is kept.
    func unheardOf(_ opportunity: MirrorRecord) -> Reason? {
        guard opportunity.isUnheardOf else { return nil }
        return Reason(rule: "R13", says: "no notification was about this opportunity, and it has no stakeholder")
    }

    /// The data that notifications of an opportunity should have contained and did not, and how to get it.
    func untold(_ opportunity: MirrorRecord) -> [Reason] {
        guard let says = Self.says(ofUntold: opportunity) else { return [] }
        let helps = "change one of its filtering attributes in Dynamics, and the step's image supplies the rest"
        return [Reason(rule: "R13", says: "\(says); \(helps)")]
    }

    private static func says(ofUntold opportunity: MirrorRecord) -> String? {
        if opportunity.attributes.isEmpty {
            if opportunity.cutAt != nil {
                return "only a cut notification arrived: Dynamics left out its columns because it was over 256 KB"
            }
            return opportunity.isUnheardOf ? nil : "its notifications contained none of the selected columns"
        }
        let columns = opportunity.columnsBehindCut
        guard let cutAt = opportunity.cutAt, !columns.isEmpty else { return nil }
        let named = columns.count > columnsNamedMax ? "\(columns.count) values" : columns.joined(separator: ", ")
        return "Dynamics cut the notification of \(Timestamp(second: cutAt)) because it was over 256 KB: "
            + "\(named) may be older than in Dynamics"
    }

    private static let columnsNamedMax = 5

    /// The company that Marketo should hold for an account that some opportunity names. It is never deleted (R11).
    public func company(_ id: GUID, _ account: MirrorRecord?) -> DesiredRecord {
        var record = MarketoRecord()
        var reasons = [Reason(rule: "R13", says: "an opportunity names account \(id)")]
        record.add("externalCompanyId", .string(id.description))
        let name = account?["name"]
        switch name {
        case nil: reasons.append(Reason(rule: "R13", says: "the account's name is not known yet: left out"))
        case .text(let name) where !name.isEmpty:
            record.add("company", .string(cut(name, for: "company", &reasons)))
        default: record.add("company", .null)
        }
        let key = DeliveryKey(.company, id.description)
        return DesiredRecord(key, DesiredState(record.bytes, reasons: reasons), unknown: name == nil ? ["company"] : [])
    }
}
