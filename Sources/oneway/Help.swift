import OnewayCore

/// The texts of `oneway help`. A test holds the list of commands equal to those that exist.
enum Help {
    static let commands: [(name: String, does: String)] = [
        ("demo", "see it work on this machine, between stand-ins for Dynamics and Marketo, on one page"),
        ("serve", "run the service"),
        ("check", "check everything that the service needs, and say how to fix problems"),
        ("explain", "what one notification would do, and why"),
        ("fields", "Dynamics columns that were seen, and the Marketo fields they are mapped to"),
        ("changes", "what another configuration would change in Marketo"),
        ("status", "the state of the running service"),
        ("opportunity", "the state of one opportunity, and why"),
        ("find", "find opportunities, companies, people, and notifications by an id or part of a name"),
        ("opportunities", "opportunities by state, what they wait for, code, company, and time of change"),
        ("parked", "records that Marketo refuses, and why"),
        ("waiting", "records that wait for something, such as a person in Marketo"),
        ("retry", "try parked and waiting records again"),
        ("replay", "read kept notifications again with today's decoder and rules"),
        ("pause", "stop forwarding to Marketo until resume; notifications are still accepted"),
        ("resume", "resume forwarding"),
        ("replicas", "the replicas that share a database, and which one leads"),
        ("refusals", "attempts that were refused because they went the wrong way"),
        ("allow", "let a refused opportunity through"),
        ("refresh", "read an opportunity and all it depends on from Dynamics"),
        ("verify", "compare Marketo with what it should hold, and with Dynamics"),
        ("reconcile", "look now for changes in Dynamics that no webhook reported, and put them right"),
        ("adopt", "what Marketo holds already, and what would become double"),
        ("erase", "remove a person for good"),
        ("load", "first load: read everything from Dynamics, or exported files, and bring Marketo in step"),
        ("import", "load one file: contacts and accounts, if Dynamics is not connected"),
        ("migrate-store", "copy a store from a file to PostgreSQL, or back"),
        ("register", "register webhooks, steps, and images in Dynamics, as this configuration needs them"),
        ("health", "ask the running service whether it is ready; for container health checks"),
        ("sandbox", "a stand-in for Marketo Engage, to try things with"),
        ("completion", "a script that completes commands and options in bash, zsh, or fish"),
        ("help", "this text, or the help of one command"),
    ]

    static func text(_ topic: String?) -> String? {
        switch topic {
        case nil, "help", "--version", "version": overview
        case let topic?: texts[topic]
        }
    }

    /// The first line of a bug report.
    static var version: String {
        #if DEBUG
            let build = "debug build"
        #else
            let build = "release build"
        #endif
        return "oneway \(Oneway.version) (commit \(BuildInfo.commit); \(build))"
    }

    private static let overview = """
        oneway \(Oneway.version): Dynamics 365 opportunities to Marketo Engage, one way, in seconds

        usage: oneway COMMAND [OPTIONS]

        \(commands.map { "  \($0.name.padded(to: 13)) \($0.does)" }.joined(separator: "\n"))

          oneway help COMMAND   more on one command
          oneway help --man     all of it as a manual page
          oneway --version      the version, the commit, and how it was built

        exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong
        """
}
