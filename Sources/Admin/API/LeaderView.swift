import Alerting
import Completing
import Coordination
import DataverseClient
import Forwarding
package import OnewayCore
package import Store

/// What the leader says of Marketo, Dynamics, and alerts, in the form of the status.
struct LeaderSays {
    let marketo: JSON
    let budget: JSON
    let dynamics: JSON
    let alerts: JSON
}

/// What the leader knows: at hand where this replica leads, and on another as the leader has last written it down.
package struct LeaderView: Sendable {
    package let store: any Store
    /// Nil: another replica leads.
    package let leading: @Sendable () -> LeadingParts?
    package let now: @Sendable () -> Timestamp

    package init(
        store: any Store,
        leading: @escaping @Sendable () -> LeadingParts?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.store, self.leading, self.now) = (store, leading, now)
    }

    func says(_ replicas: StoreReplicas) async throws(StoreError) -> LeaderSays {
        if let parts = leading() { return try await says(parts) }
        let said = try await said(replicas)
        let nobody = DeliveryTrouble(code: "no-leader", message: "no replica leads at this moment")
        return LeaderSays(
            marketo: said?["marketo"].map(JSON.init(copying:)) ?? .marketo("stopped", nobody),
            budget: said?["budget"].map(JSON.init(copying:)) ?? AdminAPI.budget(nil, now()),
            dynamics: said?["dynamics"].map(JSON.init(copying:)) ?? .null,
            alerts: said?["alerts"].map(JSON.init(copying:)) ?? .null
        )
    }

    /// The gate of whoever leads: nil, Marketo is not configured there.
    /// - Returns: nil: no replica leads.
    func gate(_ replicas: StoreReplicas) async throws(StoreError) -> CallGate.Status?? {
        if let parts = leading() { return .some(parts.forwarding?.gate.status) }
        guard let said = try await said(replicas) else { return nil }
        return .some(try await gate(said))
    }

    /// - Returns: nil: no replica leads.
    func health(_ replicas: StoreReplicas) async throws(StoreError) -> LeaderHealth? {
        if let parts = leading() { return LeaderHealth(parts) }
        guard let said = try await said(replicas) else { return nil }
        let gate = try await gate(said)
        let probe = said["probe"].map(HealthFacts.Probe.init(written:)) ?? .none
        return LeaderHealth(
            marketo: gate.map { HealthFacts.Marketo($0, probe) },
            isDynamicsAway: said["dynamics"]?["state"]?.string == "failing",
            isAlertingFailing: said["alerts"]?["failures"]?.int ?? 0 >= Alerter.failuresMax
        )
    }

    /// Nil: Marketo is not configured there.
    private func gate(_ said: JSONValue) async throws(StoreError) -> CallGate.Status? {
        let trouble = DeliveryTrouble(
            code: said["marketo"]?["code"]?.string ?? "",
            message: said["marketo"]?["message"]?.string ?? ""
        )
        if trouble.code == "not-configured" { return nil }
        let condition: CallBudget.Condition =
            switch said["marketo"]?["state"]?.string {
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
        guard replicas.isLed, let note = try await store.note(Self.noteName) else { return nil }
        return try? JSONDocument(note).root
    }

    private func says(_ parts: LeadingParts) async throws(StoreError) -> LeaderSays {
        LeaderSays(
            marketo: AdminAPI.marketo(parts.forwarding),
            budget: AdminAPI.budget(parts.forwarding?.gate.status, now()),
            dynamics: try await AdminAPI.dynamics(parts.completer, store),
            alerts: parts.alerter?.status.json ?? .null
        )
    }

    /// What a leader writes down for the other replicas; nil when this one does not lead.
    package func note() async throws(StoreError) -> [UInt8]? {
        guard let parts = leading() else { return nil }
        let says = try await says(parts)
        let note: JSON = [
            "marketo": says.marketo, "budget": says.budget, "dynamics": says.dynamics, "alerts": says.alerts,
            "probe": parts.forwarding?.probe.outcome.written ?? .null,
        ]
        return note.encoded
    }

    package static let noteName = "leader-says"
}

/// The part of the facts that only the leader knows.
struct LeaderHealth {
    /// Nil: not configured.
    var marketo: HealthFacts.Marketo?
    var isDynamicsAway = false
    var isAlertingFailing = false
}

extension LeaderHealth {
    fileprivate init(_ parts: LeadingParts) {
        marketo = parts.forwarding.map { HealthFacts.Marketo($0.gate.status, $0.probe.outcome) }
        if case .failing = parts.completer?.condition { isDynamicsAway = true }
        isAlertingFailing = parts.alerter?.status.isFailing ?? false
    }
}

extension HealthFacts.Marketo {
    fileprivate init(_ gate: CallGate.Status, _ probe: HealthFacts.Probe) {
        self.init()
        (pausedSince, condition) = (gate.pausedSince, gate.condition)
        (usedToday, leftToday, resetsAt) = (gate.usedToday, gate.leftToday, gate.resetsAt)
        self.probe = probe
    }
}

// MARK: As it is written down

extension HealthFacts.Probe {
    fileprivate var written: JSON {
        func json(_ state: String, _ trouble: DeliveryTrouble? = nil, _ what: String? = nil) -> JSON {
            [
                "state": .string(state), "code": .optional(trouble?.code), "message": .optional(trouble?.message),
                "what": .optional(what),
            ]
        }
        return switch self {
        case .none: json("none")
        case .passed: json("passed")
        case .denied(let trouble, let what): json("denied", trouble, what)
        case .away(let trouble): json("away", trouble)
        }
    }

    fileprivate init(written value: JSONValue) {
        let trouble = DeliveryTrouble(code: value["code"]?.string ?? "", message: value["message"]?.string ?? "")
        switch value["state"]?.string {
        case "passed": self = .passed
        case "denied": self = .denied(trouble, what: value["what"]?.string)
        case "away": self = .away(trouble)
        default: self = .none
        }
    }
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
