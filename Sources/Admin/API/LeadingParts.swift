package import Completing
import Coordination
package import Forwarding
package import Loading
import OnewayCore
package import Store
package import Verifying

/// What there is only where the replica leads.
package struct LeadingParts: Sendable {
    /// Nil: Marketo is not configured.
    let forwarding: Forwarding?
    /// Nil: Dynamics cannot be asked.
    let completer: Completer?

    /// Nil as well.
    let planner: LoadPlanner?
    /// Nil: Marketo is not configured.
    let verifier: Verifier?

    package init(
        forwarding: Forwarding?,
        completer: Completer? = nil,
        planner: LoadPlanner? = nil,
        verifier: Verifier? = nil
    ) {
        (self.forwarding, self.completer) = (forwarding, completer)
        (self.planner, self.verifier) = (planner, verifier)
    }
}

/// What is configured, whoever leads.
package struct Connections: Sendable {
    let marketo: Bool
    let dynamics: Bool

    package init(marketo: Bool, dynamics: Bool) { (self.marketo, self.dynamics) = (marketo, dynamics) }
}

/// What the leader says of Marketo and Dynamics, in the form of the status.
struct LeaderSays {
    let marketo: JSON
    let budget: JSON
    let dynamics: JSON

    static let note = "leader-says"
}

extension AdminAPI {
    /// On another replica, as the leader has last written it down.
    func leaderSays(_ replicas: StoreReplicas) async throws(StoreError) -> LeaderSays {
        if let parts = leading() { return try await says(parts) }
        let said = try await said(replicas)
        let nobody = DeliveryTrouble(code: "no-leader", message: "no replica leads at this moment")
        return LeaderSays(
            marketo: said?["marketo"].map(JSON.init(copying:)) ?? .marketo("stopped", nobody),
            budget: said?["budget"].map(JSON.init(copying:)) ?? Self.budget(nil, now()),
            dynamics: said?["dynamics"].map(JSON.init(copying:)) ?? .null
        )
    }

    /// The gate of whoever leads: nil, Marketo is not configured there.
    /// - Returns: nil: no replica leads.
    func gate(_ replicas: StoreReplicas) async throws(StoreError) -> CallGate.Status?? {
        if let parts = leading() { return .some(parts.forwarding?.gate.status) }
        guard let said = try await said(replicas), let state = said["marketo"]?["state"]?.string else { return nil }
        let trouble = DeliveryTrouble(
            code: said["marketo"]?["code"]?.string ?? "",
            message: said["marketo"]?["message"]?.string ?? ""
        )
        if trouble.code == "not-configured" { return .some(nil) }
        let condition: CallBudget.Condition =
            switch state {
            case "stopped": .stopped(trouble)
            case "backing-off": .backingOff(trouble)
            default: .ok
            }
        return CallGate.Status(
            condition: condition,
            pausedSince: try await store.orders().pausedSince,
            usedToday: said["budget"]?["usedToday"]?.int ?? 0,
            leftToday: said["budget"]?["leftToday"]?.int ?? 0,
            now: now()
        )
    }

    /// What the leader has last written down; nil: none leads.
    private func said(_ replicas: StoreReplicas) async throws(StoreError) -> JSONValue? {
        guard replicas.isLed, let note = try await store.note(LeaderSays.note) else { return nil }
        return try? JSONDocument(note).root
    }

    private func says(_ parts: LeadingParts) async throws(StoreError) -> LeaderSays {
        LeaderSays(
            marketo: Self.marketo(parts.forwarding),
            budget: Self.budget(parts.forwarding?.gate.status, now()),
            dynamics: try await dynamics(parts.completer)
        )
    }

    /// What a leader writes down for the other replicas; nil when this one does not lead.
    package func leaderNote() async throws(StoreError) -> [UInt8]? {
        guard let parts = leading() else { return nil }
        let says = try await says(parts)
        return (["marketo": says.marketo, "budget": says.budget, "dynamics": says.dynamics] as JSON).encoded
    }

    package static let leaderNoteName = LeaderSays.note
}

extension JSON {
    /// Of values as the status has them: objects of texts and whole numbers.
    fileprivate init(copying value: JSONValue) {
        if let text = value.string {
            self = .string(text)
        } else if let number = value.int {
            self = .int(number)
        } else if value.isNull {
            self = .null
        } else {
            self = .object(value.members.map { Member($0.name, JSON(copying: $0.value)) })
        }
    }
}
