/// Where an opportunity stands, in one word: the furthest of its records from what is wanted, or why nothing is.
public enum OpportunityState: String, Hashable, Sendable, CaseIterable {
    // Raw values are stored: rename none. In the order of their urgency.
    case parked, waiting, pending, settled, refused, filtered, deleted
}

/// How an opportunity is listed: computed from its records, here and nowhere else, and kept beside them.
///
/// Its records are the opportunity itself and its roles. Its company has a state of its own: it may belong to thousands of
/// opportunities, and one that cannot do without it waits for it.
public struct OpportunityStanding: Hashable, Sendable {
    public let opportunity: GUID
    public let state: OpportunityState
    /// Why the rules want nothing of it in Marketo.
    public let absence: Absence?
    /// What one of its records waits for: the opportunity itself, if it does.
    public let waitingFor: WaitReason?
    public let waitingSince: Timestamp?
    /// Marketo's last complaint about one of its records: about a parked one, if there is one.
    public let code: String?
    /// The account that is or was its company.
    public let account: GUID?
    /// When Marketo last confirmed one of its records.
    public let confirmedAt: Timestamp?
    /// When something lasting happened: something else was wanted, or Marketo confirmed or refused something. Looking again
    /// for what it waits for is nothing new.
    public private(set) var changedAt: Timestamp

    /// Nil: there is nothing to say of it.
    public init?(_ opportunity: GUID, _ items: [OutboxItem], _ absence: Absence?, at now: Timestamp) {
        if items.isEmpty, absence == nil { return nil }
        let items = items.sorted { $0.key < $1.key }
        let own = items.first { $0.key.kind == .opportunity }
        func first(_ stage: DeliveryState.Stage) -> OutboxItem? { items.first { $0.state.stage == stage } }
        let order: [DeliveryState.Stage] = [.parked, .waiting, .pending]
        if let worst = order.lazy.compactMap(first).first {
            state = OpportunityState(worst.state.stage)
        } else {
            state = own?.state.desired == nil ? absence.map(OpportunityState.init) ?? .settled : .settled
        }
        let waiting = first(.waiting)
        let troubled = first(.parked) ?? items.first { $0.state.trouble != nil }
        let record = (own?.state.desired ?? own?.state.confirmed).map(RecordMembers.init)
        self.opportunity = opportunity
        self.absence = absence
        (waitingFor, waitingSince) = (waiting?.state.waitingFor, waiting?.state.waitingSince)
        code = troubled?.state.trouble?.code
        account = record?.text("externalCompanyId").flatMap { GUID($0) }
        confirmedAt = items.compactMap(\.state.confirmedAt).max()
        changedAt = now
    }

    /// As it was stored.
    public init(
        _ opportunity: GUID,
        _ state: OpportunityState,
        absence: Absence?,
        waitingFor: WaitReason?,
        waitingSince: Timestamp?,
        code: String?,
        account: GUID?,
        confirmedAt: Timestamp?,
        changedAt: Timestamp
    ) {
        (self.opportunity, self.state, self.absence) = (opportunity, state, absence)
        (self.waitingFor, self.waitingSince, self.code) = (waitingFor, waitingSince, code)
        (self.account, self.confirmedAt, self.changedAt) = (account, confirmedAt, changedAt)
    }

    /// With the time of an earlier change.
    fileprivate func unchanged(since earlier: OpportunityStanding) -> OpportunityStanding {
        var same = self
        same.changedAt = earlier.changedAt
        return same
    }

    fileprivate func isLasting(_ earlier: OpportunityStanding) -> Bool {
        confirmedAt != earlier.confirmedAt || absence != earlier.absence || account != earlier.account
            || (state == .parked) != (earlier.state == .parked)
    }
}

extension OpportunityState {
    fileprivate init(_ stage: DeliveryState.Stage) {
        switch stage {
        case .parked: self = .parked
        case .waiting: self = .waiting
        case .pending: self = .pending
        case .settled: self = .settled
        }
    }

    fileprivate init(_ absence: Absence) {
        switch absence {
        case .refused: self = .refused
        case .filtered: self = .filtered
        case .deleted: self = .deleted
        }
    }
}

extension Ledger {
    public typealias Standings = RowSet<GUID, OpportunityStanding>

    /// The opportunities whose standing these changes may have changed. Most claims change none.
    public static func restanding(_ changes: [RowChange<OutboxItem>]) -> Set<GUID> {
        Set(
            changes.compactMap { change in
                guard let item = change.after ?? change.before, let opportunity = item.opportunity else { return nil }
                return change.before?.state.shown == change.after?.state.shown ? nil : opportunity
            }
        )
    }

    /// - Parameters:
    ///   - opportunities: Those to look at.
    ///   - absences: What the rules said of some of them just now.
    ///   - items: Their records as they were before the changes.
    public static func stand(
        _ opportunities: Set<GUID>,
        _ absences: [Judgement],
        _ items: [OutboxItem],
        _ changes: [RowChange<OutboxItem>],
        in rows: inout Standings,
        now: Timestamp
    ) {
        var current = Dictionary(items.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var rewritten: Set<GUID> = []
        for change in changes {
            guard let key = (change.after ?? change.before)?.key else { continue }
            current[key] = change.after
            if change.before?.state.version != change.after?.state.version, let id = change.after?.opportunity {
                rewritten.insert(id)
            }
        }
        let own = Dictionary(grouping: current.values.filter { $0.opportunity != nil }) { $0.opportunity }
        let judged = Dictionary(absences.map { ($0.opportunity, $0.absence) }, uniquingKeysWith: { $1 })
        for id in opportunities {
            let (before, items) = (rows[id], own[id] ?? [])
            let absence = judged[id] ?? before?.absence
            var after = OpportunityStanding(id, items, absence, at: now)
            if let before, let new = after, !new.isLasting(before), !rewritten.contains(id) {
                after = new.unchanged(since: before)
            }
            rows[id] = after
        }
    }
}

/// Whether the rules want anything of an opportunity in Marketo.
public struct Judgement: Hashable, Sendable {
    public let opportunity: GUID
    /// Nil: they do.
    public let absence: Absence?

    public init(_ opportunity: GUID, _ absence: Absence?) { (self.opportunity, self.absence) = (opportunity, absence) }
}

/// The part of a record's state that its opportunity's standing depends on.
private struct Shown: Equatable {
    let stage: DeliveryState.Stage
    let waitingFor: WaitReason?
    let waitingSince: Timestamp?
    let code: String?
    let confirmedAt: Timestamp?
    let version: Int64
}

extension DeliveryState {
    fileprivate var shown: Shown {
        Shown(
            stage: stage,
            waitingFor: waitingFor,
            waitingSince: waitingSince,
            code: trouble?.code,
            confirmedAt: confirmedAt,
            version: version
        )
    }
}
