public import Configuration
import Coordination
package import OnewayCore
package import Reading
public import Store

/// Explains what a notification would do to this mirror, and changes nothing.
public struct Explainer: Sendable {
    package let policy: Policy
    package let projector: Projector
    let now: @Sendable () -> Timestamp

    package init(policy: Policy, projector: Projector, now: @escaping @Sendable () -> Timestamp) {
        self.policy = policy
        self.projector = projector
        self.now = now
    }

    public init(_ settings: Configuration, store: any StoreQueries) {
        let projector = Projector(settings, store: store)
        self.init(policy: Policy(settings), projector: projector, now: TimeSource.systemNow)
    }

    public func explain(_ body: [UInt8]) async throws(StoreError) -> Explanation {
        var explanation = Explanation(policy.read(body, host: nil))
        explain(try? Envelope.peek(body, depthMax: policy.jsonDepthMax), in: &explanation)
        guard let notification = try? policy.decode(body) else { return explanation }
        let isRefused = explanation.outcome == Outcome.refused.rawValue
        let facts = InboxReader(policy: policy).facts(notification, receivedAt: now(), isRefused: isRefused)
        explanation.record = (notification.record?.id).map { "\($0)" } ?? explanation.record
        explanation.isRepaired = notification.isRepaired
        if let first = facts.first {
            explanation.attributes = first.attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
        guard explanation.isApplied else { return explanation }
        let preview = try await projector.preview(facts)
        explanation.changes = preview.changes
        explanation.reasons += projector.book.remarks(on: facts) + preview.reasons
        return explanation
    }

    private func explain(_ envelope: Envelope?, in explanation: inout Explanation) {
        explanation.message = envelope?.messageName
        explanation.entity = envelope?.primaryEntityName
        explanation.record = (envelope?.primaryEntityId).map { "\($0)" }
    }
}

extension Explanation {
    /// As the public listener would answer, except that repetitions are not detected.
    fileprivate init(_ reading: Reading) {
        switch reading {
        case .checked(let reasons):
            self.init("checked")
            self.reasons = reasons
        case .ignored(let entry), .accepted(let entry, _):
            self.init(entry.outcome.rawValue)
            reasons = entry.reasons
            isApplied = entry.outcome == .accepted
        case .refused(let refused):
            self.init(Outcome.refused.rawValue)
            code = ErrorCode.oneWay.rawValue
            let says = "created by Marketo's user \(refused.user) in Dynamics: refused"
            reasons = refused.fact?.reasons ?? [Reason(rule: "R2", says: says)]
            isApplied = refused.fact != nil
        case .quarantined(let entry, _, _):
            self.init(Outcome.quarantined.rawValue)
            (code, reasons) = (entry.code, entry.reasons)
        }
    }
}
