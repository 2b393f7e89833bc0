import OnewayCore

/// What `oneway help` says. A test holds the list of commands equal to those that exist.
enum Help {
    static let commands: [(name: String, does: String)] = [
        ("serve", "run the service"),
        ("health", "ask the running service whether it is well; for container health checks"),
        ("explain", "what one notification would do, and why"),
        ("sandbox", "a stand-in for Marketo Engage, to try things with"),
        ("help", "this text, or that of one command"),
    ]

    static func text(_ topic: String?) -> String? {
        switch topic {
        case nil: overview
        case "serve": serve
        case "health": health
        case "explain": explain
        case "sandbox": sandbox
        case "help", "--version", "version": overview
        default: nil
        }
    }

    private static let overview = """
        oneway \(Oneway.version): Dynamics 365 opportunities to Marketo Engage, one way, in seconds

        usage: oneway COMMAND [OPTIONS]

        \(commands.map { "  \($0.name.padded(to: 10)) \($0.does)" }.joined(separator: "\n"))

          oneway help COMMAND   more on one command
          oneway --version      the version

        exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong
        """

    private static let serve = """
        usage: oneway serve [--config FILE]

        Runs the service until SIGTERM or SIGINT, then lets requests under way end and exits.
        SIGHUP reads certificates and secrets again.

          --config FILE   the configuration, in YAML; examples/oneway.yaml explains every key

        Every key can also be an environment variable: marketo.clientSecret is ONEWAY_MARKETO_CLIENT_SECRET,
        or ONEWAY_MARKETO_CLIENT_SECRET_FILE for a file that holds it. Variables win over the file.

        exit codes: 0 stopped cleanly, 1 failed, 2 the configuration is wrong (every problem is listed)
        """

    private static let explain = """
        usage: oneway explain FILE|- [--config FILE] [--json]

        Shows how a notification is read, what would become of it, and what Marketo would be told, with the reasons.
        It needs no network and no store: nothing else is known, and Marketo is empty.

          FILE            the notification as Dynamics sends it; - reads standard input
          --config FILE   the configuration, for its rules, fields, and Marketo users
          --json          as POST /api/explain answers

        exit codes: 0 it would be taken, 1 it would be refused or is unusable, 2 the configuration is wrong
        """

    private static let sandbox = """
        usage: oneway sandbox [--port N] [--address A] [--client-id ID] [--client-secret S] [--auto-leads] [--json]

        Runs a stand-in for Marketo Engage's REST API until SIGTERM or SIGINT, and prints what to configure. Everything is
        kept in memory. What it holds, what clients did, and faults on request: /sandbox, told in docs/sandbox.md.

          --port N            8082 if not said; 0 takes a free one
          --address A         127.0.0.1 if not said. Whoever reaches it may do anything with it
          --client-id ID, --client-secret S
                              what clients must send for a token
          --auto-leads        every lead that is looked for by a key or an e-mail address exists
          --json              prints endpoint, clientId, and clientSecret as one line of JSON

        exit codes: 0 stopped, 1 it could not listen
        """

    private static let health = """
        usage: oneway health [--config FILE]

        Asks the admin listener of the service that runs with this configuration, /readyz, and says what it said.

        exit codes: 0 ready, 1 not ready or not reachable
        """
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
