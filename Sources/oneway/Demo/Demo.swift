import Configuration
import Glibc
import HTTPClient
import OnewayCore
import Sandbox
import Service
import Telemetry
import Threads

/// `oneway demo`: runs a stand-in for Marketo and the service on this machine, and shows the outcome of a few
/// notifications.
struct Demo: Sendable {
    /// Ends when everything has arrived, and uses free ports.
    var isOnce = false

    static let arrivalSecondsMax = 60

    func run() async -> Int32 {
        let signals = Signals([SIGTERM, SIGINT])
        let folder = Folder()
        defer { folder.remove() }
        do {
            var options = SandboxOptions()
            options.port = isOnce ? 0 : 8082
            options.autoLeads = true
            let marketo = SandboxMarketo(options)
            let endpoint = "http://127.0.0.1:\(try marketo.start())"
            return await withTaskGroup(of: Int32?.self) { group in
                group.addTask {
                    await marketo.run()
                    return nil
                }
                let code = await serve(options, endpoint, marketo, folder, signals)
                await marketo.stop()
                await group.waitForAll()
                return code
            }
        } catch {
            Terminal.complain("The stand-in for Marketo cannot start: \(error)")
            return 1
        }
    }

    private func serve(
        _ options: SandboxOptions,
        _ endpoint: String,
        _ marketo: SandboxMarketo,
        _ folder: Folder,
        _ signals: Signals
    ) async -> Int32 {
        let log = Log(level: .error, format: .text)
        defer { log.flush() }
        do {
            let app = try await App(settings(options, endpoint, folder), log: log)
            let ports = try await app.start()
            let outcome = Locked<Int32>(1)
            try await app.run {
                let code = await show(ports, endpoint, marketo)
                outcome.withLock { $0 = code }
                if isOnce || code != 0 { return }
                for await _ in signals.received { return }
            }
            return outcome.withLock { $0 }
        } catch {
            Terminal.complain("The demo cannot run: \(error)")
            return 1
        }
    }

    private func settings(_ options: SandboxOptions, _ endpoint: String, _ folder: Folder) -> Configuration {
        var settings = Configuration()
        settings.public.address = .loopback
        (settings.public.port, settings.admin.port) = isOnce ? (0, 0) : (8080, 8081)
        settings.store = .sqlite(path: "\(folder.path)/oneway.db")
        settings.dynamics.anonymous = true
        settings.dynamics.marketoUsers = [DemoNotification.marketoUser]
        settings.marketo.endpoint = endpoint
        settings.marketo.clientId = options.clientID
        settings.marketo.clientSecret = Secret(options.clientSecret)
        settings.limits.diskFreeMegabytesMin = 0
        return settings
    }

    // MARK: The show

    private func show(_ ports: App.Ports, _ endpoint: String, _ marketo: SandboxMarketo) async -> Int32 {
        let service = ServiceEndpoint(host: "127.0.0.1", port: ports.public, secondsMax: 30)
        let admin = ServiceEndpoint(host: "127.0.0.1", port: ports.admin, secondsMax: 30)
        do {
            say("Notifications from Dynamics, and Oneway's answers:\n")
            for notification in DemoNotification.all {
                let answer = try await service.send(.post, "/dynamics/notifications", body: notification.body)
                say(Self.line(notification.says, answer))
            }
            let refused = try await service.send(.post, "/marketo/opportunities")
            say(Self.line("and a call from Marketo", refused))
            say("\nForwarding to Marketo ...", terminator: "")
            try await arrival(admin)
            say(" all arrived.\n")
            let items = try await admin.send(.get, "/api/outbox?limit=500").document
            say(DemoTable(book: marketo.book, items: items?["items"]?.elements ?? []).text)
            if !isOnce { say(Self.links(ports, endpoint)) }
            return 0
        } catch {
            say("")
            Terminal.complain("\(error)")
            return 1
        }
    }

    /// Waits until nothing is left to do, neither in the inbox nor in the outbox.
    private func arrival(_ admin: ServiceEndpoint) async throws {
        for _ in 0..<(Self.arrivalSecondsMax * 10) {
            let status = try await admin.send(.get, "/api/status").document
            let outbox = ["pending", "waiting", "parked"].map { status?["outbox"]?[$0]?.int }
            if status?["inbox"]?["unapplied"]?.int == 0, outbox == [0, 0, 0] { return }
            say(".", terminator: "")
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failed(says: "Not all arrived within \(Self.arrivalSecondsMax) seconds.")
    }

    /// With the reason below it, as in the table.
    private static func line(_ says: String, _ answer: HTTPAnswer) -> String {
        let json = answer.document
        let word = json?["outcome"]?.string ?? json?["code"]?.string ?? ""
        let reason = json?["reasons"]?.elements.first?["says"]?.string ?? json?["detail"]?.string
        return "  \(says.padded(to: 43)) \(answer.status) \(word)" + (reason.map { "\n    \($0)" } ?? "")
    }

    private func say(_ text: String, terminator: String = "\n") {
        print(text, terminator: terminator)
        fflush(nil)
    }

    private static func links(_ ports: App.Ports, _ endpoint: String) -> String {
        """

        Look around, and try it yourself in another terminal:

          http://127.0.0.1:\(ports.admin)/    the status page
          curl -s http://127.0.0.1:\(ports.admin)/api/opportunities/5e6f0001-71b4-ef11-a72f-6045bd905a01
          curl -s \(endpoint)/sandbox    all that Marketo holds
          curl -i -H 'Content-Type: application/json' --data-binary @examples/notifications/opportunity-lost.json http://127.0.0.1:\(ports.public)/dynamics/notifications
          curl -s -X POST \(endpoint)/sandbox/mode -d '{"mode": "down"}'    Marketo goes away; "normal" brings it back

        Ctrl-C ends it and deletes what it stored.
        """
    }
}

extension HTTPAnswer {
    fileprivate var document: JSONValue? { try? JSONDocument(body).root }
}

/// A temporary folder for the duration of the demo.
private struct Folder: Sendable {
    let path: String

    init() {
        path = "/tmp/oneway-demo-\(getpid())"
        unsafe mkdir(path, 0o700)
    }

    func remove() {
        for name in ["oneway.db", "oneway.db-wal", "oneway.db-shm", "oneway.db-lock"] {
            unsafe unlink("\(path)/\(name)")
        }
        unsafe rmdir(path)
    }
}
