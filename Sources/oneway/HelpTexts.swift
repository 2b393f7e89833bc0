extension Help {
    /// By command. Those that ask the running service end with the options they share.
    static let texts: [String: String] = alone.merging(asking.mapValues { "\($0)\n\n\(shared)" }) { first, _ in first }

    private static let shared = """
          --config FILE   the service's configuration: where it listens, and its token
          --url URL       its admin listener, such as http://127.0.0.1:8081, or the https:// of a proxy in front of it;
                          the token is ONEWAY_ADMIN_TOKEN
          --ca FILE       with https://: trusts only these certificate authorities, in PEM, not the system's
          --json          the service's answer as it is

        exit codes: 0 done, 1 failed or not reachable, 2 the command line or the configuration is wrong
        """

    private static let alone = [
        "load": """
        usage: oneway load [--since DATE] [--only TABLE] [--dry-run] [--config FILE | --url URL [--ca FILE]] [--json]
               oneway load (--pause | --resume | --cancel) [--config FILE | --url URL [--ca FILE]]
               oneway load FILE... [--config FILE | --url URL [--ca FILE]] [--json]

        Brings Marketo in step with Dynamics: the running service reads all opportunities, their stakeholders, and the
        contacts and accounts that these name. The command says first what it will cost, then shows the progress. Ctrl-C
        ends the command, not the load, which continues after a restart too. Live changes go first.

        With files, it gives the service what was exported from Dynamics, if that cannot be queried: opportunities,
        connections, contacts, accounts, each in a file of its own.

          FILE            CSV or JSON lines with Dynamics' own names of columns; - alone is standard input
          --since DATE    only what was modified then or later, such as 2026-01-31
          --only TABLE    opportunity, connection, contact, or account
          --dry-run       only says what it would cost
          --pause         stops reading until --resume; what was read is still passed on
          --resume        goes on, and shows the progress of a load that runs
          --cancel        ends it; what was read stays, and is passed on
          --config FILE   the service's configuration: where it listens, and its token
          --url URL       its admin listener, such as http://127.0.0.1:8081; the token is ONEWAY_ADMIN_TOKEN
          --ca FILE       with https://: trusts only these certificate authorities, in PEM, not the system's
          --json          the service's last answer as it is

        exit codes: 0 done, 1 failed or not reachable, 2 the command line or the configuration is wrong
        """,
        "import": """
        usage: oneway import FILE|- [--config FILE | --url URL [--ca FILE]]

        Gives the running service the accounts and e-mail addresses of contacts, and the names of accounts: the account of
        an opportunity (R4) and the lead of a role need them, if no other source has them. It only fills values that no
        notification has contained, and goes to Marketo after live changes.

          FILE            JSON lines, {"contact": ID, "account": ID or null, "email": TEXT or null}
                          and {"account": ID, "name": TEXT or null}, or what `oneway load FILE` takes; - reads
                          standard input
          --config FILE   the service's configuration: where it listens, and its token
          --url URL       its admin listener, such as http://127.0.0.1:8081, or the https:// of a proxy in front of it;
                          the token is ONEWAY_ADMIN_TOKEN
          --ca FILE       with https://: trusts only these certificate authorities, in PEM, not the system's

        exit codes: 0 done, 1 failed or not reachable, 2 the command line or the configuration is wrong
        """,
        "demo": """
        usage: oneway demo [--once | --free-ports]

        Runs stand-ins for Dynamics and Marketo on this machine, and the service between them, registered in Dynamics as in
        production. Has a few things changed in Dynamics (one notification is sent twice, one is refused), waits until
        Marketo has all of it, and shows what it holds and why. Then keeps running until Ctrl-C, with the playground on port
        8084: a page to change things in Dynamics and to break things, and to see what comes of it in Marketo. Oneway, the
        stand-in for Marketo, and the one for Dynamics listen on 8080 to 8083.

          --once         ends when everything has arrived, and uses free ports
          --free-ports   uses free ports

        exit codes: 0 all arrived, 1 not
        """,
        "serve": """
        usage: oneway serve [--config FILE]

        Runs the service until SIGTERM or SIGINT, then finishes the requests in progress and exits.
        SIGHUP reads certificates and secrets again.

          --config FILE   the configuration, in YAML; examples/oneway.yaml explains every key

        Every key can also be an environment variable: marketo.clientSecret is ONEWAY_MARKETO_CLIENT_SECRET,
        or ONEWAY_MARKETO_CLIENT_SECRET_FILE for a file that contains it. Variables win over the file.

        exit codes: 0 stopped cleanly, 1 failed, 2 the configuration is wrong (every problem is listed)
        """,
        "check": """
        usage: oneway check [--config FILE] [--full] [--repair] [--json]
               oneway check --steps [--config FILE] [--json]

        Checks configuration, listeners, keys, store, disk, and retention, and asks Marketo for token, permissions, and
        fields, and Dynamics for its tables, the webhook, and failed notifications: a line each, with how to fix any
        problem. The service may run meanwhile; nothing is changed.

          --config FILE   the configuration
          --full          reads all of the store and compares its counters; minutes for a large one
          --repair        has the running service read from Dynamics the records whose notifications failed there
          --steps         lists the steps and images to register in Dynamics for this configuration; checks nothing
          --json          {"checks": [{"name", "state", "says", "cure"}], "fails"}; state is passes, warns, or fails
                          with --steps {"steps": [{"table", "message", "filteringAttributes", "image"}]}

        exit codes: 0 nothing fails, 1 something fails, 2 the command line is wrong
        """,
        "explain": """
        usage: oneway explain FILE|- [--server] [--config FILE | --url URL [--ca FILE]] [--json]

        Shows how a notification is read, its outcome, and what would change in Marketo, with the reasons. Without --server
        it needs no network and no store: no other record is known, and Marketo is empty.

          FILE            the notification as Dynamics sends it; - reads standard input
          --server        asks the running service, which knows the other records; nothing is changed
          --config FILE   the configuration: its rules, fields, and Marketo users; with --server where it listens
          --url URL       with --server: the admin listener; the token is ONEWAY_ADMIN_TOKEN
          --ca FILE       with https://: trusts only these certificate authorities, in PEM, not the system's
          --json          the answer of POST /api/explain

        exit codes: 0 it would be accepted, 1 it would be refused or is unusable, 2 the configuration is wrong
        """,
        "fields": """
        usage: oneway fields [--config FILE] [--json]

        Lists the opportunity's columns: selected and seen, selected and never seen, seen and not selected. The newest kept
        notifications show which were seen; the form of the values is shown, never the values. If Marketo is configured, it
        is asked for its fields of opportunities.

          --config FILE   the configuration: its fields, and its store, which is only read
          --json          {"notifications", "columns", "marketo", "dynamics"}

        exit codes: 0 done, 1 failed, 2 the configuration is wrong
        """,
        "changes": """
        usage: oneway changes --config NEW [--store-of OLD] [--json]

        Shows what another configuration would change, compared with what is wanted in Marketo now, whether or not it has
        arrived there: for the configuration that runs, nothing. First by field, with how many and three of them, then all.
        Only reads the store; the service may run meanwhile, with the old configuration.

          --config NEW    the other configuration
          --store-of OLD  the configuration whose store is read, if NEW names another
          --json          {"changes", "total", "unknown", "groups"}, as GET /api/mapping/changes answers, but with all

        exit codes: 0 done, 1 failed, 2 a configuration is wrong
        """,
        "migrate-store": """
        usage: oneway migrate-store FROM TO

        Copies a store from an SQLite file to a PostgreSQL database, or back, and compares counts and checksums of both. No
        service may run with either. TO must be new, or what an interrupted migration of FROM has left: that is continued.
        FROM stays as it is. Both need the schema of this version.

          FROM, TO        sqlite:PATH and postgresql://USER@HOST/DATABASE, in either order; a password is better kept in
                          PGPASSWORD or PGPASSFILE than in the address

        exit codes: 0 done, 1 failed, 2 the command line is wrong
        """,
        "register": register,
        "sandbox": """
        usage: oneway sandbox [--port N] [--address A] [--client-id ID] [--client-secret S] [--auto-leads]
                              [--dynamics] [--dynamics-port N] [--busy SECONDS] [--json]

        Runs a stand-in for Marketo Engage's REST API until SIGTERM or SIGINT, and prints what to configure. Everything is
        kept in memory. Its records, the calls of clients, and faults on request are at /sandbox: see docs/sandbox.md.

          --port N            default 8082; 0 takes a free one
          --address A         default 127.0.0.1. Anyone who reaches it may do anything with it
          --client-id ID, --client-secret S
                              the credentials that clients must send for a token
          --auto-leads        creates any lead that is searched for by a key or an e-mail address
          --dynamics          runs a stand-in for Dynamics too, on port 8083: see docs/sandbox-dataverse.md
          --dynamics-port N   the same on another port; 0 takes a free one
          --busy SECONDS      has the Dynamics change something by itself, this often
          --json              prints endpoint, clientId, and clientSecret as one line of JSON

        exit codes: 0 stopped, 1 it could not listen
        """,
        "completion": """
        usage: oneway completion bash|zsh|fish

        Prints a script that completes the commands and options of this version. For the present shell:

          source <(oneway completion bash)      and the same for zsh
          oneway completion fish | source

        make install puts all three where the shells look for them.

        exit codes: 0 done, 2 the command line is wrong
        """,
        "health": """
        usage: oneway health [--config FILE]

        Asks /readyz of the admin listener of the service that runs with this configuration, and prints the answer.

          --config FILE   the service's configuration: where it listens

        exit codes: 0 ready, 1 not ready or not reachable
        """,
    ]
}
