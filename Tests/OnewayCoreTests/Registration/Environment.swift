import OnewayCore
import TestSupport

/// The registrations of an environment, to which a plan can be applied.
struct Environment {
    var webhooks: [FoundWebhook] = []
    private var lastID: UInt64 = 1000

    init(_ webhooks: [FoundWebhook] = []) { self.webhooks = webhooks }

    static func id(_ number: UInt64) -> GUID { GUID(high: 0xfeed, low: number) }

    mutating func newID() -> GUID {
        lastID += 1
        return Self.id(lastID)
    }

    mutating func apply(_ plan: RegistrationPlan) {
        var (webhookIDs, stepIDs) = ([WebhookRole: GUID](), [Parent: GUID]())
        for action in plan.actions where action.kind != .leave {
            let id = action.id ?? newID()
            if action.kind == .remove {
                remove(id)
                continue
            }
            switch action.table {
            case .endpoint: webhookIDs[action.role] = id
            case .step: stepIDs[Parent(action)] = id
            case .image: break
            }
            if action.kind == .create, let webhook = webhookIDs[action.role] {
                create(action, id, webhook, stepIDs[Parent(action)])
            } else {
                change(id, action)
            }
        }
    }

    private struct Parent: Hashable {
        let role: WebhookRole
        let event: StepEvent?

        init(_ action: RegistrationAction) { (role, event) = (action.role, action.event) }
    }

    private static func values(_ action: RegistrationAction, _ old: RegistrationValues = [:]) -> RegistrationValues {
        action.changes.reduce(into: old) { $0[$1.column.name] = $1.to }
    }

    private mutating func create(_ action: RegistrationAction, _ id: GUID, _ webhook: GUID, _ step: GUID?) {
        let values = Self.values(action)
        if action.table == .endpoint {
            webhooks.append(FoundWebhook(id, values, isKeySet: action.sendsKey))
            return
        }
        guard let at = webhooks.firstIndex(where: { $0.id == webhook }) else { return }
        if action.table == .step {
            webhooks[at].steps.append(FoundStep(id, action.event, values))
        } else if let index = webhooks[at].steps.firstIndex(where: { $0.id == step }) {
            webhooks[at].steps[index].images.append(FoundImage(id, values))
        }
    }

    private mutating func change(_ id: GUID, _ action: RegistrationAction) {
        for at in webhooks.indices {
            if webhooks[at].id == id {
                webhooks[at].values = Self.values(action, webhooks[at].values)
                if action.sendsKey { webhooks[at].isKeySet = true }
            }
            for step in webhooks[at].steps.indices {
                if webhooks[at].steps[step].id == id {
                    webhooks[at].steps[step].values = Self.values(action, webhooks[at].steps[step].values)
                }
                for image in webhooks[at].steps[step].images.indices
                where webhooks[at].steps[step].images[image].id == id {
                    let old = webhooks[at].steps[step].images[image].values
                    webhooks[at].steps[step].images[image].values = Self.values(action, old)
                }
            }
        }
    }

    private mutating func remove(_ id: GUID) {
        webhooks.removeAll { $0.id == id }
        for at in webhooks.indices {
            webhooks[at].steps.removeAll { $0.id == id }
            for step in webhooks[at].steps.indices { webhooks[at].steps[step].images.removeAll { $0.id == id } }
        }
    }
}

extension Environment {
    static func webhook(_ number: UInt64, _ name: String, _ url: String, steps: [FoundStep] = []) -> FoundWebhook {
        FoundWebhook(
            id(number),
            ["name": .text(name), "url": .text(url), "contract": .number(8), "authtype": .number(5)],
            isKeySet: true,
            steps: steps
        )
    }

    /// Changes, adds, or removes something, at random.
    mutating func disturb(_ random: inout Seeded) {
        guard let at = webhooks.indices.randomElement(using: &random) else { return }
        let values: [RegistrationValue] = [.text("x"), .number(7), .flag(true), .columns(["x"]), .empty]
        let value = random.pick(values)
        guard let step = webhooks[at].steps.indices.randomElement(using: &random), !random.chance(6) else {
            if random.chance(2) {
                webhooks[at].values["authtype"] = value
            } else {
                webhooks[at].isKeySet = false
            }
            return
        }
        switch Int.random(in: 0..<7, using: &random) {
        case 0: webhooks[at].steps.remove(at: step)
        case 1: webhooks[at].steps[step].values["mode"] = value
        case 2: webhooks[at].steps[step].values["filteringattributes"] = value
        case 3:
            let old = webhooks[at].steps[step]
            webhooks[at].steps.append(FoundStep(newID(), old.event, old.values, images: []))
        case 4: webhooks[at].steps.append(FoundStep(newID(), nil, ["name": .text("by hand")]))
        case 5: webhooks[at].steps[step].images.append(FoundImage(newID(), ["entityalias": value]))
        default: webhooks[at].steps[step].images.removeAll()
        }
    }
}
