import HTTPClient
import OnewayCore

/// The commands that talk to the running service.
enum Ask {
    struct Options: Equatable, Sendable {
        var location: ServiceLocation
        var isJSON: Bool
        /// The level of `oneway status` becomes the exit code.
        var exitsByLevel: Bool

        init(_ location: ServiceLocation = ServiceLocation(), isJSON: Bool = false, exitsByLevel: Bool = false) {
            self.location = location
            self.isJSON = isJSON
            self.exitsByLevel = exitsByLevel
        }
    }

    static func run(_ command: AdminCommand, _ options: Options) async -> Int32 {
        do {
            try confirm(command)
            let answer = try await answer(to: command, of: RunningService(options.location))
            let root = try read(answer, to: command)
            if case .missingPeople(let page) = command {
                try await write(people: root, page, of: RunningService(options.location))
            } else if options.isJSON {
                Terminal.print(json: answer)
            } else {
                print(text(root, to: command, on: .standardOutput))
            }
            if options.exitsByLevel { return exitCode(root) }
            return isFailure(root, command) ? 1 : 0
        } catch {
            return Terminal.complain(error)
        }
    }

    /// Returns the API's answer as it is; for long work the last one.
    static func answer(to command: AdminCommand, of service: RunningService) async throws -> [UInt8] {
        let (method, path, body) = command.request
        let answer = try await service.ask(method, path, body: body?.encoded ?? [])
        guard answer.status == 202 else { return answer.body }
        return switch command {
        case .replay: try await ReplayWatch(service: service).end(of: answer.body)
        case .erase(let contact, _): try await EraseWatch(service: service, contact: contact).end(of: answer.body)
        default: answer.body
        }
    }

    /// A page at a time, however many there are.
    private static func write(
        people first: JSONValue,
        _ page: AdminCommand.Page,
        of service: RunningService
    ) async throws {
        var (root, page) = (first, page)
        Terminal.write(PeopleText.headings)
        while true {
            Terminal.write(PeopleText.lines(root))
            guard let next = root["next"]?.string else { return }
            page.after = next
            let command = AdminCommand.missingPeople(page)
            root = try read(try await answer(to: command, of: service), to: command)
        }
    }

    /// Another program may listen there and answer any request: only Oneway's answer has the member that was asked for.
    static func read(_ answer: [UInt8], to command: AdminCommand) throws(Failed) -> JSONValue {
        guard let root = try? JSONDocument(answer).root, root[command.answered] != nil else {
            throw Failed(says: "The answer there is not from Oneway's admin listener.")
        }
        return root
    }

    static func text(_ root: JSONValue, to command: AdminCommand, on screen: Screen) -> String {
        let lines =
            switch command {
            case .status: StatusText.lines(root, screen)
            case .opportunity: OpportunityText.lines(root, screen)
            case .parked: ListText.parked(root, screen)
            case .waiting: WaitingText.lines(root, screen)
            case .missingPeople: [PeopleText.headings, PeopleText.lines(root)]
            case .opportunities: WaitingText.opportunities(root, screen)
            case .find: ListText.found(root, screen)
            case .replicas: ListText.replicas(root, screen)
            case .refusals: ListText.refusals(root, screen)
            case .retry(let retry): [retried(root.count("retried"), retry)]
            case .replay(let replay): ReplayText.lines(root, replay, screen)
            case .pause, .resume: [pause(root, screen)]
            case .allow(let id): ["opportunity \(id) is allowed from now on"]
            case .refresh: ReadText.lines(root, screen)
            case .erase: [EraseText.removed(root)]
            }
        return lines.joined(separator: "\n")
    }

    private static func confirm(_ command: AdminCommand) throws {
        guard case .erase(let contact, isSure: false) = command else { return }
        guard Terminal.canAsk else {
            throw UsageError(
                says: "This removes a person for good, and there is no terminal to ask for confirmation: add --yes."
            )
        }
        guard Terminal.agrees(to: "Remove contact \(contact) from inbox, mirror and outbox, for good?") else {
            throw Failed(says: "Nothing was removed.")
        }
    }

    /// Apart from 1, which is a service that does not answer, and 2, a wrong command.
    static func exitCode(_ root: JSONValue) -> Int32 {
        switch root["health"]?["level"]?.string.flatMap(HealthLevel.init(rawValue:)) {
        case .ok: 0
        case .attention: 3
        case .broken: 4
        case .starting: 5
        case nil: 1
        }
    }

    static func isFailure(_ root: JSONValue, _ command: AdminCommand) -> Bool {
        if case .retry(.key) = command { return root.count("retried") == 0 }
        return root["state"]?.string == "failed"
    }

    private static func retried(_ count: Int, _ retry: AdminCommand.Retry) -> String {
        guard count == 0, case .key = retry else { return "\(Wording.number(count)) tried again" }
        return "nothing tried again: there is no such record, or it is pending already, must wait, or must not exist"
    }

    private static func pause(_ root: JSONValue, _ screen: Screen) -> String {
        guard root["paused"]?.bool == true else { return "forwarding has resumed" }
        let since = root["since"]?.string.map { " since \(screen.time($0))" } ?? ""
        return "forwarding is paused\(since); notifications are still accepted"
    }
}

extension JSONValue {
    /// A member's whole number, 0 where there is none.
    func count(_ name: String) -> Int { self[name]?.int ?? 0 }

    /// The same for people: `1,234`.
    func grouped(_ name: String) -> String { Wording.number(count(name)) }
}
