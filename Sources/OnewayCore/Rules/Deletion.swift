/// R11: what was deleted in Dynamics goes in Marketo, or stays there as it was.
extension RuleBook {
    func deleted(_ opportunity: MirrorRecord) -> Reason? {
        opportunity.isDeleted ? Reason(rule: "R11", says: "the opportunity was deleted in Dynamics") : nil
    }

    /// Marketo should hold nothing of this opportunity.
    func withdrawn(_ slice: Slice, _ held: [Held], _ reasons: [Reason]) -> [Projection] {
        gone(slice, held) { _ in DeliveryWish(nil, reasons: reasons) }
    }

    func departed(
        _ slice: Slice,
        _ held: [Held],
        _ reasons: [Reason],
        _ departure: RuleSettings.Departure
    ) -> [Projection] {
        guard departure == .keep else { return withdrawn(slice, held, reasons) }
        let kept = Reason(rule: reasons.first?.rule, says: "what Marketo last confirmed is kept")
        return gone(slice, held) { DeliveryWish($0, reasons: reasons + [kept]) }
    }

    private func gone(_ slice: Slice, _ held: [Held], _ wish: ([UInt8]?) -> DeliveryWish) -> [Projection] {
        let own = DeliveryKey(.opportunity, slice.opportunity.key.id.description)
        let rows = held.filter { $0.key.kind != .company && $0.key != own }
        return [Projection(own, wish(held.first { $0.key == own }?.confirmed))]
            + rows.map { Projection($0.key, wish($0.confirmed)) }
    }
}
