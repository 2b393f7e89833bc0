extension Help {
    /// By command. Those that ask the running service end with the options they share.
    static let texts: [String: String] = alone.merging(asking.mapValues { "\($0)\n\n\(shared)" }) { first, _ in first }

    private static let shared = """
          --config FILE   the service's configuration: where it listens, and its token
          --url URL       its admin listener, such as http://127.0.0.1:8081; the token is ONEWAY_ADMIN_TOKEN
          --json          the service's answer as it is

        exit codes: 0 done, 1 failed or not reachable, 2 the command line or the configuration is wrong
        """

    private static let asking = [
        "status": """
        usage: oneway status [--config FILE | --url URL] [--json]

        Shows what waits in inbox and outbox, for how long, and what is to be looked after.
        """,
        "opportunity": """
        usage: oneway opportunity ID [--config FILE | --url URL] [--json]

        Shows what Dynamics told of an opportunity, what Marketo is to hold beside what it confirmed, where that stands,
        and why.

          ID              the opportunity's id, a GUID
        """,
        "parked": """
        usage: oneway parked [--code CODE] [--limit N] [--after CURSOR] [--config FILE | --url URL] [--json]

        Lists the records that Marketo does not take, with its code and message. Nothing is tried again by itself: mend
        the cause, then oneway retry.

          --code CODE     only those with this code of Marketo
          --limit N       up to 500; 50 without it
          --after CURSOR  where the page before ended
        """,
        "retry": """
        usage: oneway retry (--all | --code CODE | KIND KEY) [--config FILE | --url URL] [--json]

        Has records that are parked or wait tried again, at once.

          --all           all of them
          --code CODE     those with this code of Marketo
          KIND KEY        one, as oneway parked names it: company, opportunity, or role, and its key; also one that is
                          settled, which Marketo may have lost. Fails where there is none that can be tried
        """,
        "replay": """
        usage: oneway replay (ID... | [--from TIME] [--to TIME] [--outcome OUTCOME]) [--dry-run]
                             [--config FILE | --url URL] [--json]

        Reads kept notifications again, with the decoder and rules of today: after a mistake in either, and to fill
        columns that are selected since. More than 1,000 are worked off in the background, and this waits for them.

          ID...              notifications, as the inbox names them
          --from TIME        those since then, such as 2026-01-31T08:15:00Z
          --to TIME          those before then
          --outcome OUTCOME  accepted, refused, or quarantined
          --dry-run          only shows what would change in Marketo, by up to 1,000
        """,
        "pause": """
        usage: oneway pause [--config FILE | --url URL] [--json]

        Forwards nothing more to Marketo until oneway resume, restarts included. Notifications are still taken.
        """,
        "resume": """
        usage: oneway resume [--config FILE | --url URL] [--json]

        Forwards to Marketo again.
        """,
        "refusals": """
        usage: oneway refusals [--limit N] [--after CURSOR] [--config FILE | --url URL] [--json]

        Lists what was refused because it went from Marketo to Dynamics, newest first.

          --limit N       up to 500; 50 without it
          --after CURSOR  where the page before ended
        """,
        "allow": """
        usage: oneway allow ID [--config FILE | --url URL] [--json]

        Lets an opportunity through that was refused because Marketo's user created it.

          ID              the opportunity's id, a GUID
        """,
        "erase": """
        usage: oneway erase --contact ID [--yes] [--config FILE | --url URL] [--json]

        Withdraws a contact's roles in Marketo, then removes the person from mirror, inbox, and outbox, for good. Waits
        for the end and says what for; ending the command ends nothing, and the same command waits again.

          --contact ID    the contact's id, a GUID
          --yes           without asking; needed where nobody can be asked
        """,
    ]

    private static let alone = [
        "import": """
        usage: oneway import FILE|- [--config FILE | --url URL]

        Tells the running service whose contact is whose account's, contacts' e-mail addresses, and accounts' names:
        what the account of an opportunity (R4) and the lead of a role need, where nothing else tells it. It only fills
        what no notification has told, and goes to Marketo behind live changes.

          FILE            JSON lines, {"contact": ID, "account": ID or null, "email": TEXT or null}
                          and {"account": ID, "name": TEXT or null}; - reads standard input
          --config FILE   the service's configuration: where it listens, and its token
          --url URL       its admin listener, such as http://127.0.0.1:8081; the token is ONEWAY_ADMIN_TOKEN

        exit codes: 0 done, 1 failed or not reachable, 2 the command line or the configuration is wrong
        """,
        "demo": """
        usage: oneway demo [--once]

        Runs a stand-in for Marketo and the service on this machine, sends a dozen notifications (out of order, repeated,
        one refused, one that cannot be read), waits until Marketo has all of it, and shows what it holds and why. Stays
        up for trying on ports 8080, 8081 and 8082 until Ctrl-C.

          --once   ends when all has arrived, and uses ports that are free

        exit codes: 0 all arrived, 1 not
        """,
        "serve": """
        usage: oneway serve [--config FILE]

        Runs the service until SIGTERM or SIGINT, then lets requests under way end and exits.
        SIGHUP reads certificates and secrets again.

          --config FILE   the configuration, in YAML; examples/oneway.yaml explains every key

        Every key can also be an environment variable: marketo.clientSecret is ONEWAY_MARKETO_CLIENT_SECRET,
        or ONEWAY_MARKETO_CLIENT_SECRET_FILE for a file that holds it. Variables win over the file.

        exit codes: 0 stopped cleanly, 1 failed, 2 the configuration is wrong (every problem is listed)
        """,
        "check": """
        usage: oneway check [--config FILE] [--full] [--json]
               oneway check --steps [--config FILE] [--json]

        Looks at configuration, listeners, keys, store, disk, and retention, and asks Marketo for token, permissions, and
        fields: a line each, with the cure where it is not well. The service may run meanwhile; nothing is changed.

          --config FILE   the configuration
          --full          reads all of the store and compares its counters; minutes for a large one
          --steps         lists the steps and images to register in Dynamics for this configuration; checks nothing
          --json          {"checks": [{"name", "state", "says", "cure"}], "fails"}; state is passes, warns, or fails
                          with --steps {"steps": [{"table", "message", "filteringAttributes", "image"}]}

        exit codes: 0 nothing fails, 1 something fails, 2 the command line is wrong
        """,
        "explain": """
        usage: oneway explain FILE|- [--server] [--config FILE | --url URL] [--json]

        Shows how a notification is read, what would become of it, and what Marketo would be told, with the reasons.
        It needs no network and no store: nothing else is known, and Marketo is empty. Unless --server:

          FILE            the notification as Dynamics sends it; - reads standard input
          --server        asks the running service, which knows the rest; nothing is changed by it
          --config FILE   the configuration: its rules, fields, and Marketo users; with --server where it listens
          --url URL       with --server: the admin listener; the token is ONEWAY_ADMIN_TOKEN
          --json          as POST /api/explain answers

        exit codes: 0 it would be taken, 1 it would be refused or is unusable, 2 the configuration is wrong
        """,
        "fields": """
        usage: oneway fields [--config FILE] [--json]

        Lists the opportunity's columns: selected and seen, selected and never seen, seen and not selected. What was seen
        comes from the newest kept notifications; what values look like is shown, the values are not. Where Marketo is
        configured, it is asked for its fields of opportunities.

          --config FILE   the configuration: its fields, and its store, which is only read

        exit codes: 0 done, 1 failed, 2 the configuration is wrong
        """,
        "changes": """
        usage: oneway changes --config NEW [--store-of OLD] [--json]

        Shows what another configuration would change in Marketo, against what Marketo confirmed last. Only reads the
        store; the service may run meanwhile, with the old one.

          --config NEW    the configuration that is asked about
          --store-of OLD  the one whose store is read, where NEW names another
          --json          {"changes", "total", "unknown"}, as GET /api/mapping/changes answers, but all of them

        exit codes: 0 done, 1 failed, 2 a configuration is wrong
        """,
        "sandbox": """
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
        """,
        "health": """
        usage: oneway health [--config FILE]

        Asks the admin listener of the service that runs with this configuration, /readyz, and says what it said.

        exit codes: 0 ready, 1 not ready or not reachable
        """,
    ]
}
