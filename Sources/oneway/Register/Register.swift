import Configuration
import DataverseClient
import DataverseRegistration
import HTTPClient
import OnewayCore

/// `oneway register`: the webhooks, steps, and images in Dynamics that this configuration needs.
enum Register {
    /// The person who is asked.
    struct Person: Sendable {
        var canAnswer: Bool
        var agrees: @Sendable (_ question: String) -> Bool
        /// Returns the answer.
        var types: @Sendable (_ question: String) -> String

        static let atTheTerminal = Person(
            canAnswer: Terminal.canAsk,
            agrees: { Terminal.agrees(to: $0) },
            types: { Terminal.answer(to: $0) }
        )
    }

    static func run(_ options: Options) async -> Int32 {
        do {
            let configuration = try Settings.source(options.configuration).read(toServe: false).configuration
            let settings = try RegisterSettings(options, configuration)
            let transport = CurlTransport(threads: 2, userAgent: Oneway.userAgent)
            return try await run(options, settings, transport, .atTheTerminal, .standardOutput) { print($0) }
        } catch let failure as RegistrationFailure {
            return Terminal.complain(Failed(says: "Dynamics: \(failure.says.printable)"))
        } catch let ambiguous as AmbiguousWebhook {
            return Terminal.complain(Failed(says: RegisterText.says(ambiguous)))
        } catch {
            return Terminal.complain(error)
        }
    }

    static func run(
        _ options: Options,
        _ settings: RegisterSettings,
        _ transport: any Transport,
        _ person: Person,
        _ screen: Screen,
        print: (String) -> Void
    ) async throws -> Int32 {
        let client = DataverseClient(settings.access, limits: settings.limits, transport: transport)
        let registrar = try await Registrar(client, settings.intents)
        let plan = try await registrar.plan(sendsKey: options.sendsKey)
        if !options.isJSON { print(RegisterText.lines(plan, screen).joined(separator: "\n")) }
        guard !options.isDryRun, !plan.isDone else {
            if options.isJSON { print(RegisterText.json(plan, results: nil)) }
            return 0
        }
        try confirm(plan, options, person)
        let results = await registrar.carryOut(plan, key: settings.key, solution: options.solution) { action, result in
            if !options.isJSON { print(RegisterText.line(action, result)) }
        }
        if options.isJSON { print(RegisterText.json(plan, results: results)) }
        guard results.allSatisfy({ $0 == .done }) else {
            throw Failed(says: "Not everything is done: correct what failed, and run the command again.")
        }
        // Dynamics has the last word on what a row contains.
        let left = try await registrar.plan().pending
        guard left.isEmpty else {
            throw Failed(
                says: "Dynamics accepted everything, but differs in: \(left.map(\.name).joined(separator: "; "))"
            )
        }
        if !options.isJSON { print("done: \(results.count) of \(results.count)") }
        return 0
    }

    private static let word = "guard"

    /// The guard can stop people's work, so `--yes` is not enough for it.
    private static func confirm(_ plan: RegistrationPlan, _ options: Options, _ person: Person) throws {
        if plan.arms {
            guard person.canAnswer else {
                throw UsageError(
                    says: "The guard is registered only from a terminal, where its warning can be answered."
                )
            }
            guard person.types("\(RegisterText.warning)\nType \(word) to register it nevertheless: ") == word else {
                throw Failed(says: "Nothing was changed.")
            }
        }
        if options.isSure { return }
        guard person.canAnswer else {
            throw UsageError(
                says: "This changes Dynamics, and there is no terminal to ask for confirmation: add --yes."
            )
        }
        let count = plan.pending.count
        guard person.agrees("Make \(count == 1 ? "this change" : "these \(count) changes") in Dynamics?") else {
            throw Failed(says: "Nothing was changed.")
        }
    }
}
