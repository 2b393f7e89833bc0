/// One Marketo record that would change, as shown by `explain` and the preview of a mapping.
public struct Change: Hashable, Sendable {
    public let key: DeliveryKey
    /// The record that it is compared with; nil: none.
    public let before: [UInt8]?
    /// The record that the rules require; nil: it must not exist.
    public let after: [UInt8]?
    public let reasons: [Reason]

    public init(key: DeliveryKey, before: [UInt8]?, after: [UInt8]?, reasons: [Reason]) {
        self.key = key
        self.before = before
        self.after = after
        self.reasons = reasons
    }

    /// What projections are compared with: what Marketo last confirmed, or what is wanted now, wherever it is.
    public enum Side: Sendable { case confirmed, wanted }

    /// The changes that these projections would make. A record that is equal is not one, even if its reasons differ.
    public static func between(
        _ projections: [DesiredRecord],
        _ held: [CurrentRecord],
        _ side: Side = .confirmed
    ) -> [Change] {
        let known = Dictionary(held.map { ($0.key, side == .wanted ? $0.desired : $0.confirmed) }) { first, _ in first }
        return projections.compactMap { projection in
            let before = known[projection.key] ?? nil
            guard before != projection.desired.record else { return nil }
            return Change(
                key: projection.key,
                before: before,
                after: projection.desired.record,
                reasons: projection.desired.reasons
            )
        }
    }

    public var json: JSON {
        [
            "kind": .string(key.kind.rawValue), "key": .string(key.text),
            "before": before.map(JSON.encoded) ?? .null, "after": after.map(JSON.encoded) ?? .null,
            "reasons": .array(reasons.map { $0.json }),
        ]
    }
}
