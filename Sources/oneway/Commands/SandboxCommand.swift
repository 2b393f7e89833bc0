import Glibc
import OnewayCore
import Sandbox
import Service

/// `oneway sandbox`: a Marketo to try things with, and a Dynamics.
enum SandboxCommand {
    struct Options: Equatable {
        var address = "127.0.0.1"
        /// Beside the service's own 8080 and 8081.
        var port = 8082
        var clientID = SandboxOptions().clientID
        var clientSecret = SandboxOptions().clientSecret
        var autoLeads = false
        /// Nil: no Dynamics.
        var dynamicsPort: Int?
        /// Between two changes that the Dynamics makes by itself; nil: it makes none.
        var busySeconds: Int?
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
        let dynamics = options.dynamicsPort.map { port in
            var settings = DataverseOptions()
            settings.address = options.address
            settings.port = port
            settings.clientID = options.clientID
            settings.clientSecret = options.clientSecret
            return SandboxDynamics(settings, busySeconds: options.busySeconds)
        }
        do {
            let port = try marketo.start()
            let dynamicsPort = try dynamics?.start()
            print(options.isJSON ? json(options, port, dynamicsPort) : text(options, port, dynamicsPort))
            fflush(nil)
        } catch {
            Terminal.complain("The sandbox cannot start: \(error)")
            return 1
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await marketo.run() }
            if let dynamics { group.addTask { await dynamics.run() } }
            group.addTask {
                for await _ in signals.received { break }
                await dynamics?.stop()
                await marketo.stop()
            }
        }
        return 0
    }

    /// One line, for scripts.
    private static func json(_ options: Options, _ port: Int, _ dynamicsPort: Int?) -> String {
        let dynamics: JSON? = dynamicsPort.map { port in
            ["url": .string(endpoint(options, port)), "tokenUrl": .string(tokenURL(options, port))]
        }
        let settings: JSON = [
            "endpoint": .string(endpoint(options, port)), "clientId": .string(options.clientID),
            "clientSecret": .string(options.clientSecret), "dynamics": dynamics ?? .null,
        ]
        return String(decoding: settings.encoded, as: UTF8.self)
    }

    private static func tokenURL(_ options: Options, _ port: Int) -> String {
        "\(endpoint(options, port))/tenant/oauth2/v2.0/token"
    }

    private static func text(_ options: Options, _ port: Int, _ dynamicsPort: Int?) -> String {
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
            """ + (dynamicsPort.map { dynamicsText(options, $0) } ?? "")
    }

    private static func dynamicsText(_ options: Options, _ port: Int) -> String {
        let endpoint = endpoint(options, port)
        return """


            A stand-in for Dynamics is listening, with a small company in it\(options.busySeconds == nil ? "" : " that changes by itself"). For the configuration:

              dynamics:
                webApi:
                  url: \(endpoint)
                  tokenUrl: \(tokenURL(options, port))
                  clientId: \(options.clientID)
                  clientSecret: \(options.clientSecret)

              curl -s \(endpoint)/sandbox    everything it holds
              curl -s -X PATCH \(endpoint)/sandbox/opportunities/20120001-71b4-ef11-a72f-6045bd905a01 -d '{"name": "Another name"}'

            It sends webhooks once steps are registered in it. docs/sandbox-dataverse.md explains the rest.
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
        port = try Self.port(given, "--port") ?? port
        dynamicsPort = try Self.port(given, "--dynamics-port") ?? (given.has("--dynamics") ? 8083 : nil)
        guard let text = given["--busy"] else { return }
        guard let seconds = Int(text), 1...3_600 ~= seconds, dynamicsPort != nil else {
            throw UsageError(says: "`--busy` needs a number of seconds from 1 to 3600, and --dynamics.")
        }
        busySeconds = seconds
    }

    private static func port(_ given: Arguments, _ option: String) throws(UsageError) -> Int? {
        guard let text = given[option] else { return nil }
        guard let port = Int(text), 0...65_535 ~= port else {
            throw UsageError(says: "`\(option)` needs a number from 0 to 65535; 0 is a free one.")
        }
        return port
    }
}
