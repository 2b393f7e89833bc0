import Configuration
import OnewayCore

/// `oneway check`: checks everything that the service needs, before it is relied on.
enum Check {
    struct Options: Equatable, Sendable {
        var configuration: String?
        /// Reads all of the store.
        var isFull = false
        /// Prints what to register in Dynamics, and checks nothing.
        var listsSteps = false
        /// Has the running service read the records whose notifications failed.
        var isRepairing = false
        var isJSON = false
    }

    /// A part of the check. Add further ones here.
    typealias Section = @Sendable (Configuration, Options) async -> [CheckLine]
    static let sections: [Section] = [
        listeners, keys, registration, store, retention, dynamics, marketo, delivered, stage, alerts,
    ]

    static func run(_ options: Options) async -> Int32 {
        let source = Settings.source(options.configuration)
        if options.listsSteps { return steps(options, of: source) }
        let lines = await lines(options, of: source)
        if options.isJSON {
            let json: JSON = [
                "checks": .array(lines.map(\.json)), "fails": .bool(lines.contains { $0.state == .fails }),
            ]
            Terminal.print(json: json.encoded)
        } else {
            for line in lines { print(line.painted(on: .standardOutput)) }
            print(summary(lines))
        }
        return lines.contains { $0.state == .fails } ? 1 : 0
    }

    static func lines(_ options: Options, of source: ConfigurationSource) async -> [CheckLine] {
        var (lines, settings) = configuration(source)
        guard let settings else { return lines }
        for section in sections { lines += await section(settings, options) }
        return lines
    }

    static func summary(_ lines: [CheckLine]) -> String {
        func count(_ state: CheckLine.State) -> Int { lines.count { $0.state == state } }
        let (passed, warnings, failed) = (count(.passes), count(.warns), count(.fails))
        let counts = [
            (passed, "\(passed) passed"), (warnings, Wording.count(warnings, "warning")), (failed, "\(failed) failed"),
        ]
        return "\n" + counts.filter { $0.0 > 0 }.map(\.1).joined(separator: ", ")
    }

    /// Its problems are reported like any others; the rest is checked as far as it can be read.
    private static func configuration(_ source: ConfigurationSource) -> ([CheckLine], Configuration?) {
        let name = "configuration"
        do throws(Problems) {
            let loaded = try source.read()
            let warnings = loaded.warnings.map { warning in
                CheckLine.warns(name, warning.description, remedy: "see docs/configuration.md")
            }
            return ([.passes(name, "valid, and sufficient to serve")] + warnings, loaded.configuration)
        } catch {
            let lines = error.all.map {
                CheckLine.fails(name, $0.description, remedy: "correct it; examples/oneway.yaml shows how")
            }
            return (lines, (try? source.read(toServe: false))?.configuration)
        }
    }

    private static let keys: Section = { settings, _ in
        let dynamics = settings.dynamics
        if dynamics.anonymous, !dynamics.hasKeys {
            return [
                .warns(
                    "keys",
                    "dynamics.anonymous: anyone who reaches the public listener from this machine is trusted",
                    remedy: "for anything but trials, set dynamics.headers to a long value"
                )
            ]
        }
        return dynamics.hasKeys ? [.passes("keys", "notifications must authenticate")] : []
    }

    private static let retention: Section = { settings, _ in
        let says =
            "notifications are kept for \(settings.inbox.keepDays) days, in \(settings.inbox.sizeMegabytesMax) MB"
        if settings.inbox.keepDays >= keepDaysAdvised { return [.passes("retention", says)] }
        return [
            .warns(
                "retention",
                "\(says): a replay cannot reach further back",
                remedy: "inbox.keepDays: \(keepDaysAdvised) or more leaves a week to notice a mistake"
            )
        ]
    }

    static let keepDaysAdvised = 7
}

extension Check.Options {
    init(_ given: Arguments) {
        self.init(
            configuration: given["--config"],
            isFull: given.has("--full"),
            listsSteps: given.has("--steps"),
            isRepairing: given.has("--repair"),
            isJSON: given.has("--json")
        )
    }
}
