/// R1, R2: from Dynamics to Marketo only. Creations by Marketo's user in Dynamics are refused.
extension Envelope {
    /// The user because of whom this creation of an opportunity is refused; nil if it is not refused, or not a
    /// creation. Decided from the envelope and the configuration alone, so that it works while everything else is down.
    public func refusedCreator(marketoUsers: Set<GUID>) -> GUID? {
        guard primaryEntityName == Entity.opportunity.rawValue,
            messageName == Message.create.rawValue || messageName == Message.createMultiple.rawValue
        else { return nil }
        return [initiatingUserId, userId].compactMap(\.self).first { marketoUsers.contains($0) }
    }
}

extension RuleBook {
    /// Regardless of other facts, Marketo should hold nothing of it until an operator allows it.
    func refused(_ opportunity: MirrorRecord) -> Reason? {
        guard opportunity.isRefused, let user = opportunity.refusal?.user else { return nil }
        return Reason(rule: "R2", says: "created by Marketo's user \(user), and not allowed since")
    }
}
