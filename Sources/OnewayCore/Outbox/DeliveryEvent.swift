/// Something that happened to one Marketo record, kept for the story of its opportunity.
public struct DeliveryEvent: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The rules had another result.
        case decided
        /// Marketo holds what was sent.
        case confirmed
        /// Marketo refused it, or did not answer.
        case failed
    }

    public let key: DeliveryKey
    /// The opportunity, or for a company the account, for a sales person the user.
    public let subject: GUID
    public let at: Timestamp
    public let kind: Kind
    /// The version of the desired record that was decided, or sent.
    public let version: Int64
    /// For what was decided: the members that changed, as an object `{"before", "after"}`; null where there is no record.
    public var change: [UInt8]?
    public var sentAt: Timestamp?
    /// For what failed; for what was confirmed, what was left out.
    public var trouble: DeliveryTrouble?
    public var requestID: String?

    public init(_ key: DeliveryKey, of subject: GUID, _ kind: Kind, version: Int64, at: Timestamp) {
        (self.key, self.subject, self.kind, self.version, self.at) = (key, subject, kind, version, at)
    }
}

extension Ledger {
    /// The most events that are kept, whatever their age.
    public static let eventsMax: Int64 = 2_000_000

    /// What the rules decided.
    public static func decided(_ changes: [RowChange<OutboxItem>], now: Timestamp) -> [DeliveryEvent] {
        changes.compactMap { change in
            guard let after = change.after, change.before?.state.desired != after.state.desired,
                let subject = after.subject
            else { return nil }
            var event = DeliveryEvent(after.key, of: subject, .decided, version: after.state.version, at: now)
            event.change = RecordDifference.encoded(change.before?.state.desired, after.state.desired)
            return event
        }
    }

    /// What came of sending. The same failure again is not told again: the record itself counts its attempts.
    /// - Parameter changes: The rows as the settlements changed them.
    public static func answered(
        _ settlements: [Settlement],
        _ changes: [RowChange<OutboxItem>],
        now: Timestamp
    ) -> [DeliveryEvent] {
        let befores = Dictionary(
            changes.map { ($0.before?.key ?? $0.after?.key, $0.before) },
            uniquingKeysWith: { first, _ in first }
        )
        return settlements.compactMap { settlement in
            guard let before = befores[settlement.key] ?? nil, let subject = before.subject,
                before.state.isClaimed, before.state.claim == settlement.claim
            else { return nil }
            let kind: DeliveryEvent.Kind
            let (trouble, requestID): (DeliveryTrouble?, String?)
            switch settlement.verdict {
            case .confirmed(let request, let remark, _): (kind, trouble, requestID) = (.confirmed, remark, request)
            case .again(let retry): (kind, trouble, requestID) = (.failed, retry.trouble, retry.requestID)
            case .parked(let refused, let request): (kind, trouble, requestID) = (.failed, refused, request)
            case .waits(_, _, _, let gone?): (kind, trouble, requestID) = (.failed, gone, nil)
            case .waits, .postponed: return nil
            }
            if kind == .failed, trouble?.code == before.state.trouble?.code { return nil }
            // Nothing had to be sent: it never was in Marketo.
            if kind == .confirmed, settlement.sentAt == nil, before.state.confirmed == nil { return nil }
            var event = DeliveryEvent(settlement.key, of: subject, kind, version: settlement.version, at: now)
            (event.sentAt, event.trouble, event.requestID) = (settlement.sentAt, trouble, requestID)
            return event
        }
    }

    /// Up to which event the oldest are forgotten; nil: none of these.
    /// - Parameter came: The number that ever came, which is the number of the newest.
    public static func forget(_ oldest: [(number: Int64, at: Timestamp)], olderThan time: Timestamp, came: Int64)
        -> Int64?
    {
        oldest.prefix { $0.at < time || $0.number <= came - eventsMax }.last?.number
    }
}

extension OutboxItem {
    /// What its events are found by.
    public var subject: GUID? { opportunity ?? (key.kind.isShared ? GUID(key.text) : nil) }
}
