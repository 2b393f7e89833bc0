import Glibc
import HTTPClient
import OnewayCore
import Service

/// `oneway load`: the service reads Dynamics; the command says before what it costs, starts it, and shows it.
enum Load {
    struct Options: Equatable {
        enum Action: Equatable { case load, dryRun, pause, resume, cancel }

        var action = Action.load
        var since: String?
        var only: String?
        var isJSON = false
        var location = ServiceLocation()
    }

    static let pause = Duration.seconds(1)

    static func run(_ options: Options) async -> Int32 {
        do {
            let service = try RunningService(options.location, secondsMax: 150)
            switch options.action {
            case .dryRun:
                show(try await post(options, ["dryRun": true], service), options, LoadText.plan)
                return 0
            case .pause:
                show(try await post(["paused": true], service), options) { [LoadText.state($0, .standardOutput)] }
                return 0
            case .cancel:
                let answer = try await service.ask(.delete, "/api/load").body
                show(answer, options) { [LoadText.state($0, .standardOutput)] }
                return 0
            case .resume: return try await watch(post(["paused": false], service), options, service)
            case .load: return try await load(options, service)
            }
        } catch {
            return Terminal.complain(error)
        }
    }

    /// Says first what it will cost, unless one runs: a plan for another would be of no use.
    private static func load(_ options: Options, _ service: RunningService) async throws -> Int32 {
        if let latest = try await service.look("/api/load")?.body,
            let state = try? JSONDocument(latest).root["state"]?.string, ["running", "paused"].contains(state)
        {
            throw Failed(
                says: "A load is running already: `oneway load --resume` shows it, `oneway load --cancel` ends it."
            )
        }
        let plan = try await post(options, ["dryRun": true], service)
        if !options.isJSON { show(plan, options, LoadText.plan) }
        return try await watch(try await post(options, [:], service), options, service)
    }

    private static func post(
        _ options: Options,
        _ more: [String: JSON],
        _ service: RunningService
    ) async throws -> [UInt8] {
        var members = more
        if let since = options.since { members["since"] = .string(since) }
        if let only = options.only { members["only"] = .string(only) }
        return try await post(members, service)
    }

    private static func post(_ members: [String: JSON], _ service: RunningService) async throws -> [UInt8] {
        let body = JSON.object(members.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) })
        return try await service.ask(.post, "/api/load", body: body.encoded).body
    }

    private static func show(_ answer: [UInt8], _ options: Options, _ lines: (JSONValue) -> [String]) {
        guard !options.isJSON, let root = try? JSONDocument(answer).root else {
            return Terminal.print(json: answer)
        }
        for line in lines(root) { print(line) }
    }

    /// Until it ends, or until Ctrl-C, which does not end the load.
    private static func watch(_ begun: [UInt8], _ options: Options, _ service: RunningService) async throws -> Int32 {
        let signals = Signals([SIGINT])
        let last = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try await end(of: begun, service) }
            group.addTask {
                for await _ in signals.received { break }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        Terminal.endProgress()
        guard let last else {
            Terminal.complain(
                "The service goes on loading. `oneway load --resume` shows it again, `oneway load --cancel` ends it."
            )
            return 0
        }
        show(last, options) { LoadText.result($0, .standardOutput) }
        return (try? JSONDocument(last).root["state"]?.string) == "done" ? 0 : 1
    }

    private static func end(of begun: [UInt8], _ service: RunningService) async throws -> [UInt8] {
        var (latest, told) = (begun, "")
        while true {
            let root = try JSONDocument(latest).root
            guard root["state"]?.string == "running" else { return latest }
            let says = LoadText.progress(root, .standardOutput)
            if says != told { Terminal.progress(says) }
            told = says
            try await Task.sleep(for: pause)
            latest = try await service.ask(.get, "/api/load").body
        }
    }
}

extension Load.Options {
    static let names: Set = [
        "--ca", "--cancel", "--config", "--dry-run", "--json", "--only", "--pause", "--resume", "--since", "--url",
    ]

    init(_ given: Arguments) throws(UsageError) {
        location = try ServiceLocation(given)
        isJSON = given.has("--json")
        let actions: [(String, Action)] = [
            ("--dry-run", .dryRun), ("--pause", .pause), ("--resume", .resume), ("--cancel", .cancel),
        ]
        let chosen = actions.filter { given.has($0.0) }
        guard chosen.count < 2 else {
            throw UsageError(says: "Only one of --dry-run, --pause, --resume, and --cancel goes at a time.")
        }
        action = chosen.first?.1 ?? .load
        if let text = given["--since"] {
            let time = text.utf8.count == 10 ? "\(text)T00:00:00Z" : text
            guard Timestamp(iso8601: time) != nil else {
                throw UsageError(
                    says: "`--since` is a date such as 2026-01-31, or a time such as 2026-01-31T08:15:00Z."
                )
            }
            since = time
        }
        if let table = given["--only"] {
            guard Entity(rawValue: table)?.isReported == true else {
                throw UsageError(says: "`--only` is opportunity, connection, contact, or account.")
            }
            only = table
        }
    }
}
