public import OnewayCore

/// Marketo's answer to a search for a contact's lead.
public struct RememberedLead: Hashable, Sendable {
    /// The value searched for: the contact's id, or another one that the configuration names.
    public var value: String
    /// Nil when there was none.
    public var id: Int64?
    public var askedAt: Timestamp
    /// How many times in a row there was none.
    public var misses: Int

    public init(_ value: String, id: Int64?, askedAt: Timestamp, misses: Int = 0) {
        self.value = value
        self.id = id
        self.askedAt = askedAt
        self.misses = misses
    }

    /// Under which a person may be remembered: Marketo finds a value in any case, so who was created there is remembered in
    /// lower case, too.
    public static func spellings(of value: String) -> Set<String> { [value, value.lowercased()] }
}

/// Which opportunities to list, and from which end. Every condition that is given must match.
public struct StandingFilter: Hashable, Sendable {
    public var state: OpportunityState?
    public var waitingFor: WaitReason?
    public var code: String?
    public var account: GUID?
    public var changedSince: Timestamp?
    public var isOldestFirst = false

    public init() {}

    /// Those of these that match, from the one after the cursor on.
    public func page(
        of standings: some Sequence<OpportunityStanding>,
        after: StandingCursor?,
        limit: Int
    ) -> [OpportunityStanding] {
        let found = standings.filter { standing in
            after.map { isBefore($0, StandingCursor(standing)) } ?? true && matches(standing)
        }
        return Array(found.sorted { isBefore(StandingCursor($0), StandingCursor($1)) }.prefix(limit))
    }

    private func matches(_ standing: OpportunityStanding) -> Bool {
        state.map { $0 == standing.state } ?? true && waitingFor.map { $0 == standing.waitingFor } ?? true
            && code.map { $0 == standing.code } ?? true && account.map { $0 == standing.account } ?? true
            && changedSince.map { $0 <= standing.changedAt } ?? true
    }

    private func isBefore(_ left: StandingCursor, _ right: StandingCursor) -> Bool {
        let (first, second) = isOldestFirst ? (left, right) : (right, left)
        return (first.changedAt, first.opportunity) < (second.changedAt, second.opportunity)
    }
}

/// Where a page of opportunities ended.
public struct StandingCursor: Hashable, Sendable, CustomStringConvertible {
    public let changedAt: Timestamp
    public let opportunity: GUID

    public init(_ standing: OpportunityStanding) {
        (changedAt, opportunity) = (standing.changedAt, standing.opportunity)
    }

    public var description: String { "\(changedAt.milliseconds)/\(opportunity)" }

    /// The inverse of `description`.
    public init?(description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), let id = GUID(String(parts[1])) else { return nil }
        (changedAt, opportunity) = (Timestamp(milliseconds: time), id)
    }
}

/// A person whom Marketo lacks: some roles wait for them.
public struct MissingPerson: Hashable, Sendable {
    public let contact: GUID
    public let roles: Int64
    /// Nil: since before that was kept.
    public let since: Timestamp?
    /// One of the roles.
    public let role: DeliveryKey
}

/// Which Marketo records to list. Every condition that is given must match.
public struct OutboxFilter: Hashable, Sendable {
    public var stage: DeliveryState.Stage?
    public var kind: RecordKind?
    public var code: String?
    public var opportunity: GUID?
    public var waitingFor: WaitReason?

    public init(
        stage: DeliveryState.Stage? = nil,
        kind: RecordKind? = nil,
        code: String? = nil,
        opportunity: GUID? = nil,
        waitingFor: WaitReason? = nil
    ) {
        self.stage = stage
        self.kind = kind
        self.code = code
        self.opportunity = opportunity
        self.waitingFor = waitingFor
    }
}
