/// What is to become of a webhook and its steps.
public enum WebhookIntent: Hashable, Sendable {
    case present(WantedWebhook)
    case absent(WebhookRole, url: String?)
    /// Only reported.
    case untouched(WebhookRole, url: String?)

    public var role: WebhookRole {
        switch self {
        case .present(let wanted): wanted.role
        case .absent(let role, _), .untouched(let role, _): role
        }
    }

    public var url: String? {
        switch self {
        case .present(let wanted): wanted.url
        case .absent(_, let url), .untouched(_, let url): url
        }
    }
}

/// The difference between the registration that is wanted and the one that was found: a pure function of both.
///
/// The order is the one in which it is carried out: a webhook, each of its steps with its image, and at the end removals, in
/// the opposite order.
public struct RegistrationPlan: Hashable, Sendable {
    public let actions: [RegistrationAction]

    /// - Parameters:
    ///   - found: All webhooks of the environment, also those of others.
    ///   - sendsKey: Whether existing webhooks get the key again. It cannot be compared.
    public init(
        _ intents: [WebhookIntent],
        found: [FoundWebhook],
        sendsKey: Bool = false
    ) throws(AmbiguousWebhook) {
        var builder = RegistrationPlanBuilder(sendsKey: sendsKey)
        for intent in intents {
            // A webhook at the address of another intent belongs to that one, whatever its name is.
            let others = intents.filter { $0.role != intent.role }.compactMap(\.url)
            try builder.add(intent, found.filter { !others.contains($0.address) })
        }
        actions =
            builder.actions + builder.removals.filter { $0.table == .image }
            + builder.removals.filter { $0.table == .step } + builder.removals.filter { $0.table == .endpoint }
    }

    public var pending: [RegistrationAction] { actions.filter(\.isPending) }
    public var isDone: Bool { pending.isEmpty }

    /// Whether the guard would start to hold up users, or would do so in another way.
    public var arms: Bool {
        actions.contains { $0.role == .guarding && ($0.kind == .create || $0.kind == .change) }
    }
}

private struct RegistrationPlanBuilder {
    let sendsKey: Bool
    var actions: [RegistrationAction] = []
    var removals: [RegistrationAction] = []

    mutating func add(_ intent: WebhookIntent, _ found: [FoundWebhook]) throws(AmbiguousWebhook) {
        if case .untouched(let role, let url) = intent {
            // Whatever cannot be told apart is left alone too.
            let own = (try? role.own(found, url: url)) ?? []
            actions += own.map { action(.leave, .endpoint, role, nil, role.name, $0.id) }
            return
        }
        let own = try intent.role.own(found, url: intent.url)
        switch intent {
        case .present(let wanted):
            add(wanted, own.first)
            for surplus in own.dropFirst() { remove(surplus, wanted.role) }
        case .absent(let role, _):
            for webhook in own { remove(webhook, role) }
        case .untouched: break
        }
    }

    private mutating func add(_ wanted: WantedWebhook, _ found: FoundWebhook?) {
        let changes = Self.changes(.endpoint, from: found?.values, to: wanted.values)
        let needsKey = found.map { !$0.isKeySet || sendsKey } ?? true
        // Another service may be behind another address, with a key of its own.
        let isElsewhere = changes.contains { ["authtype", "url"].contains($0.column.name) }
        let role = wanted.role
        put(.endpoint, role, nil, role.name, found?.id, changes, sendsKey: needsKey || isElsewhere)
        var left = found?.steps ?? []
        for step in wanted.steps {
            let same = left.filter { $0.event == step.event }.min {
                (distance($0, step), $0.id) < (distance($1, step), $1.id)
            }
            left.removeAll { $0.id == same?.id }
            add(step, same, role)
        }
        for step in left { remove(step, role) }
    }

    private mutating func add(_ wanted: WantedStep, _ found: FoundStep?, _ role: WebhookRole) {
        let event = wanted.event
        let changes = Self.changes(.step, from: found?.values, to: wanted.values)
        put(.step, role, event, Self.name(event, role), found?.id, changes)
        var left = found?.images ?? []
        if let image = wanted.image {
            let alias = image.values["entityalias"]
            let same = left.first { $0.values["entityalias"] == alias } ?? left.first
            left.removeAll { $0.id == same?.id }
            let changes = Self.changes(.image, from: same?.values, to: image.values)
            put(.image, role, event, imageName(event.says, image.values), same?.id, changes)
        }
        for image in left { remove(image, event.says, event, role) }
    }

    private static func name(_ event: StepEvent, _ role: WebhookRole) -> String {
        role == .guarding ? "\(event.says), guard" : event.says
    }

    private func distance(_ found: FoundStep, _ wanted: WantedStep) -> Int {
        Self.changes(.step, from: found.values, to: wanted.values).count
    }

    private mutating func remove(_ webhook: FoundWebhook, _ role: WebhookRole) {
        for step in webhook.steps { remove(step, role) }
        removals.append(action(.remove, .endpoint, role, nil, text(webhook.values["name"]), webhook.id))
    }

    private mutating func remove(_ step: FoundStep, _ role: WebhookRole) {
        let name = step.event.map { Self.name($0, role) } ?? text(step.values["name"])
        for image in step.images { remove(image, name, step.event, role) }
        removals.append(action(.remove, .step, role, step.event, name, step.id))
    }

    private mutating func remove(_ image: FoundImage, _ step: String, _ event: StepEvent?, _ role: WebhookRole) {
        removals.append(action(.remove, .image, role, event, imageName(step, image.values), image.id))
    }

    private mutating func put(
        _ table: RegistrationTable,
        _ role: WebhookRole,
        _ event: StepEvent?,
        _ name: String,
        _ id: GUID?,
        _ changes: [RegistrationAction.Change],
        sendsKey: Bool = false
    ) {
        let kind: RegistrationAction.Kind = id == nil ? .create : changes.isEmpty && !sendsKey ? .same : .change
        actions.append(action(kind, table, role, event, name, id, changes, sendsKey: sendsKey))
    }

    private func action(
        _ kind: RegistrationAction.Kind,
        _ table: RegistrationTable,
        _ role: WebhookRole,
        _ event: StepEvent?,
        _ name: String,
        _ id: GUID?,
        _ changes: [RegistrationAction.Change] = [],
        sendsKey: Bool = false
    ) -> RegistrationAction {
        RegistrationAction(
            kind: kind,
            table: table,
            role: role,
            event: event,
            name: name,
            id: id,
            changes: changes,
            sendsKey: sendsKey
        )
    }

    /// In the order of the table's columns.
    private static func changes(
        _ table: RegistrationTable,
        from old: RegistrationValues?,
        to new: RegistrationValues
    ) -> [RegistrationAction.Change] {
        table.columns.compactMap { column in
            guard let to = new[column.name] else { return nil }
            let from = old?[column.name] ?? .empty
            return from == to && old != nil ? nil : .init(column: column, from: from, to: to)
        }
    }

    private func imageName(_ step: String, _ values: RegistrationValues) -> String {
        let kind = values["imagetype"].map { [.number(0): "pre-image", .number(1): "post-image"][$0] ?? "image" }
        return "\(step), \(kind ?? "image")"
    }

    private func text(_ value: RegistrationValue?) -> String {
        if case .text(let text) = value { text } else { "without a name" }
    }
}
