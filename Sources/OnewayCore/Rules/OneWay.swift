/// R1, R2: from Dynamics to Marketo only. What Marketo's user creates in Dynamics is refused.
public enum OneWay {
    /// The user because of whom this is refused, nil if it is not. Decided from the envelope and the configuration
    /// alone, so that it works while everything else is down.
    public static func refusedCreator(
        message: String,
        entity: String,
        initiatingUser: GUID?,
        user: GUID?,
        marketoUsers: Set<GUID>
    ) -> GUID? {
        guard message == "Create" || message == "CreateMultiple", entity == Entity.opportunity.rawValue else {
            return nil
        }
        return [initiatingUser, user].compactMap(\.self).first { marketoUsers.contains($0) }
    }
}

extension RuleBook {
    /// Whatever else is known: Marketo should hold nothing of it until an operator allows it.
    func refused(_ opportunity: MirrorRecord) -> Reason? {
        guard opportunity.isRefused, let user = opportunity.refusal?.user else { return nil }
        return Reason(rule: "R2", says: "created by Marketo's user \(user), and not allowed since")
    }
}
