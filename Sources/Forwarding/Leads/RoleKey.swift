import OnewayCore

/// The identity of a role in Marketo.
struct RoleKey: Hashable, Sendable {
    let opportunity: String
    let lead: Int64
    let role: String

    init(opportunity: String, lead: Int64, role: String) {
        (self.opportunity, self.lead, self.role) = (opportunity, lead, role)
    }

    /// From an answer of Marketo.
    init?(_ fields: JSONValue) {
        guard let held = HeldRole(fields) else { return nil }
        self.init(opportunity: held.opportunity, lead: held.id.lead, role: held.id.name)
    }

    private var members: [JSON.Member] {
        [
            .init("externalOpportunityId", .string(opportunity)), .init("leadId", .int(lead)),
            .init("role", .string(role)),
        ]
    }

    var wire: [UInt8] { JSON.object(members).encoded }

    /// `since` is when the person joined the opportunity, in Marketo's time format; nil is left out.
    func wire(isPrimary: Bool, since: String?) -> [UInt8] {
        let date = since.map { [JSON.Member("externalCreatedDate", .string($0))] } ?? []
        return JSON.object(members + [.init("isPrimary", .bool(isPrimary))] + date).encoded
    }
}
