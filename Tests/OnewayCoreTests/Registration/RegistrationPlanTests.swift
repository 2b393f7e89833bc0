import TestSupport
import Testing

@testable import OnewayCore

@Suite struct RegistrationPlanTests {
    static let url = "https://oneway.test/dynamics/notifications"
    static let guardURL = "https://oneway.test/dynamics/guard"

    static func wanted(_ change: (inout RuleSettings) -> Void = { _ in }) -> WantedWebhook {
        var settings = RuleSettings()
        change(&settings)
        return WantedWebhook(RuleBook(settings), url: url, authentication: .header)
    }

    static let guarding = WantedWebhook(guardAt: guardURL, authentication: .header)
    static let plain: [WebhookIntent] = [.present(wanted()), .untouched(.guarding, url: guardURL)]
    static let both: [WebhookIntent] = [.present(wanted()), .present(guarding)]
    static let absent: [WebhookIntent] = [.absent(.data, url: nil), .absent(.guarding, url: nil)]

    static func registered(_ intents: [WebhookIntent] = plain) throws -> Environment {
        var environment = Environment()
        environment.apply(try RegistrationPlan(intents, found: []))
        return environment
    }

    @Test func aFreshEnvironmentGetsEverything() throws {
        let plan = try RegistrationPlan(Self.both, found: [])
        #expect(plan.actions.allSatisfy { $0.kind == .create && $0.id == nil })
        #expect(plan.actions.count { $0.table == .endpoint } == 2 && plan.actions.count { $0.sendsKey } == 2)
        let book = RuleBook(RuleSettings())
        #expect(plan.actions.count { $0.table == .step } == book.registration.count + 1)
        #expect(plan.actions.count { $0.table == .image } == book.registration.count { $0.image != nil })
        for step in book.registration {
            let name = "\(step.message) of \(step.entity.rawValue)"
            let action = try #require(plan.actions.first { $0.name == name })
            let members = Dictionary(uniqueKeysWithValues: action.members.map { ($0.name, $0.value) })
            #expect(members["stage"] == 40 && members["mode"] == 1 && members["asyncautodelete"] == true)
            #expect(
                members["filteringattributes"]
                    == (step.filter.isEmpty ? .null : .string(step.filter.joined(separator: ",")))
            )
            #expect(members["statecode"] == nil, "a new step is enabled")
        }
        let asked = try #require(plan.actions.last)
        #expect(asked.role == .guarding && asked.event == StepEvent("Create", of: .opportunity))
        #expect(asked.members.contains(.init("stage", 10)) && asked.members.contains(.init("mode", 0)))
        #expect(plan.arms)
        #expect(try !RegistrationPlan(Self.plain, found: []).arms)
    }

    /// A row is created after the one that it belongs to, and removed before it.
    @Test func theOrderSuitsReferences() throws {
        let plan = try RegistrationPlan(Self.both, found: [])
        for (index, action) in plan.actions.enumerated() where action.table != .endpoint {
            let parent = plan.actions[..<index].last { $0.table == (action.table == .image ? .step : .endpoint) }
            #expect(parent?.role == action.role && (action.table == .step || parent?.event == action.event))
        }
        let found = try Self.registered(Self.both).webhooks
        let removal = try RegistrationPlan(Self.absent, found: found)
        #expect(removal.actions.allSatisfy { $0.kind == .remove } && removal.actions.count == plan.actions.count)
        let tables = removal.actions.map(\.table)
        let order: [RegistrationTable] = [.image, .step, .endpoint]
        #expect(tables.map { order.firstIndex(of: $0) ?? 9 } == tables.map { order.firstIndex(of: $0) ?? 9 }.sorted())
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func anAppliedPlanLeavesNothingToDo(seed: UInt64) throws {
        var random = Seeded(seed)
        var environment = try Self.registered(random.chance(2) ? Self.plain : Self.both)
        let foreign = [
            Environment.webhook(1, "Oneway of another team", "https://other.test/dynamics/notifications"),
            Environment.webhook(2, "x", "https://x.test", steps: [FoundStep(Environment.id(3), nil, [:])]),
        ]
        for _ in 0..<Int.random(in: 0..<8, using: &random) { environment.disturb(&random) }
        if random.chance(4) { environment.webhooks.append(Environment.webhook(4, "by hand", Self.url + "/")) }
        environment.webhooks = (foreign + environment.webhooks).shuffled(using: &random)
        let intents = random.pick([Self.plain, Self.both, [.absent(.data, url: Self.url)], Self.absent])
        let isByName = intents == Self.absent && environment.webhooks.contains { $0.values["name"] == .text("by hand") }

        let plan = try RegistrationPlan(intents, found: environment.webhooks)
        let strangers = Set([1, 2, 3].map { Environment.id($0) })
        #expect(plan.actions.allSatisfy { action in action.id.map { !strangers.contains($0) } ?? true })
        environment.apply(plan)
        let again = try RegistrationPlan(intents, found: environment.webhooks).pending.map(\.name)
        #expect(again.isEmpty, "seed \(seed)")
        #expect(environment.webhooks.filter { strangers.contains($0.id) }.sorted { $0.id < $1.id } == foreign)
        if intents == Self.absent, !isByName { #expect(environment.webhooks.count == foreign.count) }
    }

    @Test func anotherSelectionChangesOnlyWhatDiffers() throws {
        let found = try Self.registered().webhooks
        let other = Self.wanted { $0.syncWhen = .init(column: "new_region", equals: .text("north")) }
        let plan = try RegistrationPlan([.present(other)], found: found)
        #expect(plan.pending.map(\.name) == ["Update of opportunity", "Update of opportunity, post-image"])
        #expect(
            plan.pending.map { $0.changes.map(\.says) } == [
                ["filteringattributes: +new_region"], ["attributes: +new_region"],
            ]
        )
        let columns = plan.pending[0].members.map(\.name)
        #expect(columns == ["filteringattributes"], "the rest is not sent")
    }

    static let disturbances: [(column: String, value: RegistrationValue, says: String)] = [
        ("statecode", .number(1), "statecode: disabled -> enabled"),
        ("mode", .number(0), "mode: synchronous -> asynchronous"),
        ("stage", .number(20), "stage: PreOperation -> PostOperation"),
        ("name", .text("x"), "name: x -> Oneway: Update of opportunity"),
        ("asyncautodelete", .flag(false), "asyncautodelete: no -> yes"), ("rank", .empty, "rank: nothing -> 1"),
        ("supporteddeployment", .number(2), "supporteddeployment: 2 -> 0"),
    ]

    @Test(arguments: disturbances) func aStepChangedByHandIsRepaired(
        column: String,
        value: RegistrationValue,
        says: String
    ) throws {
        var environment = try Self.registered()
        let update = StepEvent("Update", of: .opportunity)
        let index = try #require(environment.webhooks[0].steps.firstIndex { $0.event == update })
        environment.webhooks[0].steps[index].values[column] = value
        let plan = try RegistrationPlan(Self.plain, found: environment.webhooks)
        #expect(plan.pending.map(\.name) == ["Update of opportunity"])
        #expect(plan.pending.first?.changes.map(\.says) == [says])
        let hasReason = plan.pending.first?.members.contains(.init("statuscode", 1))
        #expect(hasReason == (column == "statecode"))
    }

    @Test func stepsAndImagesByHandOnOurWebhookAreRemoved() throws {
        var environment = try Self.registered()
        let create = environment.webhooks[0].steps[0]
        environment.webhooks[0].steps += [
            FoundStep(Environment.id(9001), nil, ["name": .text("Win of opportunity")]),
            FoundStep(
                Environment.id(9002),
                create.event,
                create.values,
                images: [FoundImage(Environment.id(9003), [:])]
            ),
        ]
        let plan = try RegistrationPlan(Self.plain, found: environment.webhooks)
        #expect(plan.pending.map(\.kind) == [.remove, .remove, .remove])
        #expect(plan.pending.map(\.id) == [9003, 9001, 9002].map { Environment.id($0) })
        #expect(
            plan.pending.map(\.name) == ["Create of opportunity, image", "Win of opportunity", "Create of opportunity"]
        )
    }
}
