/// R11: a record deleted in Dynamics is deleted in Marketo, or kept there as it was.
extension RuleBook {
    func deleted(_ opportunity: MirrorRecord) -> Reason? {
        opportunity.isDeleted ? Reason(rule: "R11", says: "the opportunity was deleted in Dynamics") : nil
    }

    /// Marketo should hold nothing of this opportunity.
    func withdrawn(_ slice: Slice, _ held: [CurrentRecord], _ reasons: [Reason]) -> [DesiredRecord] {
        gone(slice, held) { _ in DesiredState(nil, reasons: reasons) }
    }

    func departed(
        _ slice: Slice,
        _ held: [CurrentRecord],
        _ reasons: [Reason],
        _ departure: RuleSettings.Departure
    ) -> [DesiredRecord] {
        guard departure == .keep else { return withdrawn(slice, held, reasons) }
        let kept = Reason(rule: reasons.first?.rule, says: "the state that Marketo last confirmed is kept")
        return gone(slice, held) { DesiredState($0, reasons: reasons + [kept]) }
    }

    private func gone(_ slice: Slice, _ held: [CurrentRecord], _ desired: ([UInt8]?) -> DesiredState) -> [DesiredRecord]
    {
        let own = DeliveryKey(.opportunity, slice.opportunity.key.id.description)
        let rows = held.filter { !$0.key.kind.isShared && $0.key != own }
        return [DesiredRecord(own, desired(held.first { $0.key == own }?.confirmed))]
            + rows.map { DesiredRecord($0.key, desired($0.confirmed)) }
    }
}
