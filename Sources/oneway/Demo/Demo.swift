import Glibc
import HTTPClient
import OnewayCore
import Sandbox
import Service
import Threads

/// `oneway demo`: runs stand-ins for Dynamics and Marketo and the service on this machine, has a few things changed in
/// Dynamics, and shows what came of it.
struct Demo: Sendable {
    /// Ends when everything has arrived.
    var isOnce = false
    var usesFreePorts = false

    static let arrivalSecondsMax = 60

    func run() async -> Int32 {
        let signals = Signals([SIGTERM, SIGINT])
        do {
            try await DemoWorld.run(isOnce || usesFreePorts ? .free : DemoWorld.Ports()) { world in
                try await show(world)
                if isOnce { return }
                let playground = Playground(world)
                let port = try playground.start()
                try await running(playground.run, playground.stop) {
                    say(Self.links(world, port))
                    for await _ in signals.received { return }
                }
            }
            return 0
        } catch {
            say("")
            Terminal.complain("The demo cannot run: \(error)")
            return 1
        }
    }

    // MARK: The show

    private func show(_ world: DemoWorld) async throws {
        let steps = world.dataverse.ids("sdkmessageprocessingstep").count
        say("Oneway has registered a webhook with \(steps) steps in the stand-in for Dynamics.\n")
        say("Changes in Dynamics, the notifications that follow, and Oneway's answers:\n")
        for change in DemoChange.all {
            say("  \(change.says)")
            world.answers.withLock { $0 = [] }
            try await change.make(world.dataverse)
            await world.dataverse.waitUntilDelivered()
            for answer in world.answers.withLock({ $0 }) { say(Self.line(answer)) }
        }
        let refused = try await world.service.send(.post, "/marketo/opportunities")
        say("  Marketo calls Oneway\n    \(refused.status) \(refused.document?["code"]?.string ?? "")")
        say("\nForwarding to Marketo ...", terminator: "")
        try await arrival(world)
        say(" all arrived.\n")
        let items = try await world.admin.send(.get, "/api/outbox?limit=500").document
        say(DemoTable(book: world.marketo.book, items: items?["items"]?.elements ?? []).text)
    }

    /// Waits until nothing is left to do: to apply, to read from Dynamics, to send. Twice in a row, because the counts are
    /// not from the same moment.
    private func arrival(_ world: DemoWorld) async throws {
        var timesSeen = 0
        for _ in 0..<(Self.arrivalSecondsMax * 10) {
            let status = try await world.admin.send(.get, "/api/status").document
            let outbox = ["pending", "waiting", "parked"].map { status?["outbox"]?[$0]?.int }
            let before = [status?["inbox"]?["unapplied"]?.int, status?["dynamics"]?["open"]?.int]
            timesSeen = before == [0, 0] && outbox == [0, 0, 0] ? timesSeen + 1 : 0
            if timesSeen == 2 { return }
            say(".", terminator: "")
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failed(says: "Not all arrived within \(Self.arrivalSecondsMax) seconds.")
    }

    private static func line(_ answer: WebhookAnswer) -> String {
        let status = answer.status.map(String.init) ?? "---"
        let line = "    \("\(status) \(answer.outcome)".padded(to: 14)) \(answer.what)"
        return answer.status == 202 ? line : line + (answer.reason.map { ": \($0)" } ?? "")
    }

    private func say(_ text: String, terminator: String = "\n") {
        print(text, terminator: terminator)
        fflush(nil)
    }

    private static func links(_ world: DemoWorld, _ playground: Int) -> String {
        let ports = world.ports
        let (admin, dynamics) = (DemoWorld.address(ports.admin), DemoWorld.address(ports.dynamics))
        return """

            Try it yourself, in a browser:

              \(DemoWorld.address(playground))/    the playground: change something in Dynamics, and see it arrive in Marketo
              \(admin)/    Oneway's status page

            or in another terminal:

              curl -s -X PATCH \(dynamics)/sandbox/opportunities/\(Company.opportunity(2)) -d '{"stepname": "3-Propose"}'
              curl -s \(admin)/api/opportunities/\(Company.opportunity(2))
              curl -s \(DemoWorld.address(ports.marketo))/sandbox    all that Marketo holds

            Ctrl-C ends it and deletes what it stored.
            """
    }
}
