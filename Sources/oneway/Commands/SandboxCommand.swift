import Glibc
import OnewayCore
import Sandbox
import Service

/// `oneway sandbox`: a Marketo to try things with.
enum SandboxCommand {
    struct Options: Equatable {
        var address = "127.0.0.1"
        /// Beside the service's own 8080 and 8081.
        var port = 8082
        var clientID = SandboxOptions().clientID
        var clientSecret = SandboxOptions().clientSecret
        var autoLeads = false
        var isJSON = false
    }

    static func run(_ options: Options) async -> Int32 {
        let signals = Signals([SIGTERM, SIGINT])
        var settings = SandboxOptions()
        settings.address = options.address
        settings.port = options.port
        settings.clientID = options.clientID
        settings.clientSecret = options.clientSecret
        settings.autoLeads = options.autoLeads
        let marketo = SandboxMarketo(settings)
        do {
            let port = try marketo.start()
            print(options.isJSON ? json(options, port) : text(options, port))
            fflush(nil)
        } catch {
            Terminal.complain("The sandbox cannot start: \(error)")
            return 1
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await marketo.run() }
            group.addTask {
                for await _ in signals.received { break }
                await marketo.stop()
            }
        }
        return 0
    }

    /// One line, for scripts.
    private static func json(_ options: Options, _ port: Int) -> String {
        let settings: JSON = [
            "endpoint": .string(endpoint(options, port)), "clientId": .string(options.clientID),
            "clientSecret": .string(options.clientSecret),
        ]
        return String(decoding: settings.encoded, as: UTF8.self)
    }

    private static func text(_ options: Options, _ port: Int) -> String {
        let endpoint = endpoint(options, port)
        return """
            A stand-in for Marketo Engage is listening; it forgets everything on exit. For the configuration:

              marketo:
                endpoint: \(endpoint)
                clientId: \(options.clientID)
                clientSecret: \(options.clientSecret)

            \(options.autoLeads ? "Any lead that is searched for is created." : "It has no leads; with --auto-leads any lead that is searched for is created.")

              curl -s \(endpoint)/sandbox           everything it holds
              curl -s \(endpoint)/sandbox/calls     the calls of clients
              curl -s -X POST \(endpoint)/sandbox/leads -d '{"externalPersonId": "<contact id>", "email": "a@example.com"}'
              curl -s -X POST \(endpoint)/sandbox/faults -d '{"fault": "error", "code": "611"}'

            docs/sandbox.md explains the rest. Ctrl-C ends it.
            """
    }

    /// A listener bound to every address is reached at this machine's own.
    private static func endpoint(_ options: Options, _ port: Int) -> String {
        switch options.address {
        case "0.0.0.0": "http://127.0.0.1:\(port)"
        case "::": "http://[::1]:\(port)"
        case let address: "http://\(address.contains(":") ? "[\(address)]" : address):\(port)"
        }
    }
}

extension SandboxCommand.Options {
    init(_ given: Arguments) throws(UsageError) {
        address = given["--address"] ?? address
        clientID = given["--client-id"] ?? clientID
        clientSecret = given["--client-secret"] ?? clientSecret
        (autoLeads, isJSON) = (given.has("--auto-leads"), given.has("--json"))
        guard let text = given["--port"] else { return }
        guard let port = Int(text), 0...65_535 ~= port else {
            throw UsageError(says: "`--port` needs a number from 0 to 65535; 0 is a free one.")
        }
        self.port = port
    }
}
