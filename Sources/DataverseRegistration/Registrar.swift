public import DataverseClient
public import OnewayCore

/// Registers webhooks, steps, and images in Dynamics: the only writes that Oneway makes there.
public struct Registrar: Sendable {
    private let client: DataverseClient
    private let intents: [WebhookIntent]
    private let catalogue: StepCatalogue

    public enum Result: Hashable, Sendable {
        case done
        case failed(String)
        /// Because of a failure before it.
        case notDone
    }

    /// Asks Dynamics for the ids of its messages.
    public init(_ client: DataverseClient, _ intents: [WebhookIntent]) async throws {
        self.client = client
        self.intents = intents
        let wanted = intents.flatMap { intent in
            if case .present(let webhook) = intent { webhook.steps.map(\.event) } else { [StepEvent]() }
        }
        // Those of the standard registration are needed for naming what is there.
        let known = RuleBook(RuleSettings()).registration.map { StepEvent($0.message, of: $0.entity) }
        catalogue = try await RegistrationReader(client: client).catalogue(Set(wanted + known))
        for event in wanted where catalogue[event] == nil {
            throw RegistrationFailure(
                "this environment allows no steps on \(event.says); does it have Dynamics 365 Sales?"
            )
        }
    }

    /// Reads what is registered, and returns the difference.
    public func plan(sendsKey: Bool = false) async throws -> RegistrationPlan {
        let intents = intents
        let found = try await RegistrationReader(client: client).webhooks(
            { webhooks throws(AmbiguousWebhook) in
                Set(try RegistrationPlan(intents, found: webhooks).actions.compactMap(\.id))
            },
            catalogue
        )
        return try RegistrationPlan(intents, found: found, sendsKey: sendsKey)
    }

    /// Carries a plan out, in its order, until the first failure. Running it again completes it.
    ///
    /// - Parameters:
    ///   - key: For webhooks that get one; nil if none does.
    ///   - solution: The unique name of the solution that gets the new rows.
    ///   - report: Is told each outcome, as it happens.
    public func carryOut(
        _ plan: RegistrationPlan,
        key: WebhookKey?,
        solution: String? = nil,
        report: (RegistrationAction, Result) -> Void = { _, _ in }
    ) async -> [Result] {
        var parents = Parents(plan)
        var results: [Result] = []
        var hasFailed = false
        for action in plan.pending {
            var result = Result.notDone
            if !hasFailed {
                do throws(RegistrationFailure) {
                    try await carryOut(action, key, solution, &parents)
                    result = .done
                } catch {
                    result = .failed(key?.removed(from: error.says) ?? error.says)
                    hasFailed = true
                }
            }
            results.append(result)
            report(action, result)
        }
        return results
    }

    private func carryOut(
        _ action: RegistrationAction,
        _ key: WebhookKey?,
        _ solution: String?,
        _ parents: inout Parents
    ) async throws(RegistrationFailure) {
        var members = action.members
        if action.sendsKey {
            guard let key else { throw RegistrationFailure("there is no key to send") }
            members.append(.init("authvalue", .string(key.value)))
        }
        switch (action.kind, action.id) {
        case (.remove, let id?): _ = try await client.write(.delete(action.table, id)).orThrow()
        case (.change, let id?): _ = try await client.write(.update(action.table, id, .object(members))).orThrow()
        default:
            members += try references(of: action, parents)
            let row = RegistrationWrite.create(action.table, .object(members), solution: solution)
            if let id = try await client.write(row).orThrow() { parents.add(action, id) }
        }
    }

    /// Navigation properties are in lower case, unlike most of Dynamics'.
    private func references(
        of action: RegistrationAction,
        _ parents: Parents
    ) throws(RegistrationFailure) -> [JSON.Member] {
        func bind(_ name: String, _ set: String, _ id: GUID) -> JSON.Member {
            JSON.Member("\(name)@odata.bind", .string("/\(set)(\(id))"))
        }
        switch action.table {
        case .endpoint: return []
        case .step:
            guard let event = action.event, let reference = catalogue[event],
                let webhook = parents.webhooks[action.role]
            else { throw RegistrationFailure("the webhook of \(action.name) does not exist") }
            return [
                bind("eventhandler_serviceendpoint", RegistrationTable.endpoint.setName, webhook),
                bind("sdkmessageid", "sdkmessages", reference.message),
                bind("sdkmessagefilterid", "sdkmessagefilters", reference.filter),
            ]
        case .image:
            guard let event = action.event, let step = parents.steps[.init(role: action.role, event: event)] else {
                throw RegistrationFailure("the step of \(action.name) does not exist")
            }
            return [bind("sdkmessageprocessingstepid", RegistrationTable.step.setName, step)]
        }
    }
}

/// The webhooks and steps that there are, and those that have been created meanwhile.
private struct Parents {
    struct Step: Hashable {
        let role: WebhookRole
        let event: StepEvent
    }

    var webhooks: [WebhookRole: GUID] = [:]
    var steps: [Step: GUID] = [:]

    init(_ plan: RegistrationPlan) {
        for action in plan.actions where action.kind != .remove {
            if let id = action.id { add(action, id) }
        }
    }

    mutating func add(_ action: RegistrationAction, _ id: GUID) {
        switch (action.table, action.event) {
        case (.endpoint, _): webhooks[action.role] = id
        case (.step, let event?): steps[Step(role: action.role, event: event)] = id
        default: break
        }
    }
}
