extension Help {
    /// Of the commands that ask the running service, without the options that they share.
    static let asking = [
        "status": """
        usage: oneway status [--exit-code] [--config FILE | --url URL [--ca FILE]] [--json]

        Shows whether all is well and if not, what to do; what waits in the inbox and the outbox, and for how long.

          --exit-code     exits with 0 for ok, 3 for attention, 4 for broken, 5 for starting
        """,
        "opportunity": """
        usage: oneway opportunity ID [--config FILE | --url URL [--ca FILE]] [--json]

        Shows an opportunity's values from Dynamics, its desired and confirmed records in Marketo, their states, and the
        reasons.

          ID              the opportunity's id, a GUID
        """,
        "find": """
        usage: oneway find TEXT... [--limit N] [--config FILE | --url URL [--ca FILE]] [--json]

        Finds opportunities, companies, people, and notifications by an id, or by part of a name or of an e-mail address,
        whatever the case and the accents; one or two letters only at the beginning. Each with the states of opportunities, and
        a notification with its outcome and the reasons.

          TEXT...         what to find
          --limit N       up to 500; 50 without it
        """,
        "opportunities": """
        usage: oneway opportunities [--state STATE] [--waiting-for REASON] [--code CODE] [--company ID] [--since TIME]
                                    [--oldest] [--limit N] [--after CURSOR]
                                    [--config FILE | --url URL [--ca FILE]] [--json]

        Lists opportunities, those that changed last first. The state is that of the record furthest from what is wanted.

          --state STATE         parked, waiting, pending, settled, or, where nothing is wanted, refused, filtered, deleted
          --waiting-for REASON  name, customer, company, sales-person, opportunity, lead, or contact-email
          --code CODE           those with this Marketo code
          --company ID          those of this account
          --since TIME          those that changed since then, such as 2026-01-31T08:15:00Z
          --oldest              those that changed first
          --limit N, --after CURSOR  a part of the list: up to 500; from the end of the previous page
        """,
        "waiting": """
        usage: oneway waiting ([--for REASON] [--limit N] [--after CURSOR] | --csv)
                              [--config FILE | --url URL [--ca FILE]] [--json]

        Lists the records that cannot be sent yet: what they wait for, since when, and what was looked up in Marketo.

          --for REASON    only those that wait for this: name, customer, company, sales-person, opportunity, lead, or
                          contact-email
          --csv           writes the people whom Marketo lacks, each once, as CSV for marketing
          --limit N       up to 500; 50 without it
          --after CURSOR  the end of the previous page
        """,
        "parked": """
        usage: oneway parked [--code CODE] [--limit N] [--after CURSOR] [--config FILE | --url URL [--ca FILE]] [--json]

        Lists the records that Marketo refuses, with its code and message. They are not tried again automatically: fix the
        cause, then run oneway retry.

          --code CODE     only those with this Marketo code
          --limit N       up to 500; 50 without it
          --after CURSOR  the end of the previous page
        """,
        "retry": """
        usage: oneway retry (--all | --code CODE | --waiting-for REASON | KIND KEY)
                            [--config FILE | --url URL [--ca FILE]] [--json]

        Tries parked and waiting records again, at once.

          --all                 all of them
          --code CODE           those with this Marketo code
          --waiting-for REASON  those that wait for this, as oneway waiting lists them, such as lead
          KIND KEY              one, as oneway parked lists it: company, opportunity, role, person, or salesPerson, and
                                its key; also one that is settled, which Marketo may have lost. Fails if there is none
                                that can be tried
        """,
        "replay": """
        usage: oneway replay (ID... | [--from TIME] [--to TIME] [--outcome OUTCOME]) [--dry-run]
                             [--config FILE | --url URL [--ca FILE]] [--json]

        Reads kept notifications again with today's decoder and rules: after a mistake in either, and to fill columns
        that were selected later. More than 1,000 are processed in the background, and the command waits for them.

          ID...              the ids of notifications, as in the inbox
          --from TIME        those since then, such as 2026-01-31T08:15:00Z
          --to TIME          those before then
          --outcome OUTCOME  accepted, refused, or quarantined
          --dry-run          only shows what would change in Marketo, for up to 1,000
        """,
        "pause": """
        usage: oneway pause [--config FILE | --url URL [--ca FILE]] [--json]

        Stops forwarding to Marketo until oneway resume, across restarts too. Notifications are still accepted.
        """,
        "resume": """
        usage: oneway resume [--config FILE | --url URL [--ca FILE]] [--json]

        Resumes forwarding to Marketo.
        """,
        "refusals": """
        usage: oneway refusals [--limit N] [--after CURSOR] [--config FILE | --url URL [--ca FILE]] [--json]

        Lists attempts that were refused because they went from Marketo to Dynamics, newest first.

          --limit N       up to 500; 50 without it
          --after CURSOR  the end of the previous page
        """,
        "replicas": """
        usage: oneway replicas [--config FILE | --url URL [--ca FILE]] [--json]

        Lists the replicas that share the database: which one leads, since when, and when each was last heard of.
        """,
        "allow": """
        usage: oneway allow ID [--config FILE | --url URL [--ca FILE]] [--json]

        Lets an opportunity through that was refused because Marketo's user created it.

          ID              the opportunity's id, a GUID
        """,
        "refresh": """
        usage: oneway refresh ID [--config FILE | --url URL [--ca FILE]] [--json]

        Reads an opportunity and everything it depends on (stakeholders, contacts, accounts) from Dynamics, now. Needs
        dynamics.webApi. Waits up to 10 seconds for the answers; it continues without the command.

          ID              the opportunity's id, a GUID
        """,
        "verify": """
        usage: oneway verify [--sample N] [--share PERCENT] [--repair] [--csv] [--config FILE | --url URL [--ca FILE]] [--json]
               oneway verify ID [--repair] [--csv] [--config FILE | --url URL [--ca FILE]] [--json]
               oneway verify (--last | --cancel) [--csv] [--config FILE | --url URL [--ca FILE]] [--json]

        Compares what Marketo holds with what it should hold: companies, opportunities, roles, field by field. With
        dynamics.webApi what it should hold is read from Dynamics, otherwise it follows from the notifications. The service
        does it in the background; the command waits and lists what is missing, different, or superfluous. Superfluous
        opportunities are found through known people and companies, so not all of them. Exit code 1 if there is any.

          ID               only this opportunity, at once
          --sample N       about N opportunities, chosen at random
          --share PERCENT  of the calls to Marketo left today; 50 without it. Continues the next day if that is not enough
          --repair         sends again what is missing or different, or reads it from Dynamics first. Superfluous records are
                           only reported
          --last           shows the running comparison or the last one, without beginning another
          --cancel         ends the one that is running
          --csv            a line for each field that differs
        """,
        "reconcile": """
        usage: oneway reconcile [--last | --cancel] [--config FILE | --url URL [--ca FILE]] [--json]

        Looks in Dynamics for what no webhook reported (creations, updates, deletions, changed stakeholders, moved contacts),
        and puts it right in Marketo. The service does so by itself, every dynamics.reconcileEveryMinutes; this does it now,
        waits, and lists what was found, and why it was probably not reported. A change counts only if it is still not
        reported after a minute. Needs dynamics.webApi, and a first load.

          --last      shows the one that is running or the last one, without beginning another
          --cancel    ends the one that is running
        """,
        "adopt": """
        usage: oneway adopt [--dry-run] [--last | --cancel] [--config FILE | --url URL [--ca FILE]] [--json]

        Shows what Marketo holds already of the opportunities, companies, and roles that Oneway is to send, under which form
        of their ids, what would become double, and what to ask Adobe. It only reads: there is nothing to take over, because
        Oneway updates what has its key. To look before anything is sent, run oneway pause first.

          --dry-run   accepted: it never changes anything
          --last      shows the running survey or the last one, without beginning another
          --cancel    ends the one that is running
        """,
        "erase": """
        usage: oneway erase --contact ID [--yes] [--config FILE | --url URL [--ca FILE]] [--json]

        Withdraws a contact's roles in Marketo, then removes the person from mirror, inbox, and outbox, for good. Waits
        until it is done and reports the progress. Ending the command does not end the erasure; the same command waits again.

          --contact ID    the contact's id, a GUID
          --yes           does not ask for confirmation; needed without a terminal
        """,
    ]
}
