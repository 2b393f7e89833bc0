extension Help {
    static let register = """
        usage: oneway register --url URL [--guard] [--send-key] [--solution NAME] [--dry-run | --yes]
                               [--config FILE] [--json]
               oneway register --remove [--guard] [--url URL] [--dry-run | --yes] [--config FILE] [--json]

        Registers Oneway's webhook in Dynamics, with the steps and images that this configuration needs. Shows the plan,
        asks, and carries it out; what is registered already is compared, and changed only where it differs. A webhook is
        Oneway's if it has this address, or else the name Oneway; so are its steps. Nothing else is touched.

          --url URL        the public address of Oneway, such as https://oneway.example/dynamics/notifications
          --guard          also registers the synchronous guard (R2): a warning has to be answered first.
                           With --remove: removes the guard alone
          --remove         removes webhooks, steps, and images
          --send-key       sends the key to existing webhooks too: it cannot be read, so it cannot be compared
          --solution NAME  the unique name of the solution in Dynamics that gets the new rows
          --dry-run        only shows the plan
          --yes            does not ask for confirmation; needed without a terminal
          --config FILE    the configuration: its fields and rules; the key, which is the first of dynamics.headers,
                           else of dynamics.keys, else of dynamics.query; and dynamics.webApi
          --json           {"actions": [{"action", "table", "webhook", "name", "id", "sendsKey", "changes", "result"}],
                           "pending"}; with --dry-run or --yes

        The application user of dynamics.webApi needs the privileges of System Administrator or System Customizer, which
        the service does not need: give the command a user of its own, in ONEWAY_DYNAMICS_WEB_API_CLIENT_ID and
        ONEWAY_DYNAMICS_WEB_API_CLIENT_SECRET.

        exit codes: 0 registered, or nothing to do; 1 failed; 2 the command line or the configuration is wrong
        """
}
