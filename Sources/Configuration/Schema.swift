/// Every setting, defined once: the source for reading, environment names, help, and the check of docs and example.
///
/// A new setting is a property in `Configuration` and a line here.
enum Schema {
    static let variablePrefix = "ONEWAY_"
    static let keys = listeners + dynamics + marketo + rules + bounds
    static let byName = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
    /// The sections that contain keys: `public`, `public.tls`, ...
    static let sections = Set(
        keys.flatMap { key in
            key.name.indices.filter { key.name[$0] == "." }.map { String(key.name[..<$0]) }
        }
    )

    private static let listeners: [Key] = [
        Key("public.address", \.public.address, .address)
            .means("Where notifications are received."),
        Key("public.port", \.public.port, .port)
            .means("0 takes any free port."),
        Key("public.tls.certificate", \.public.tls.made.certificate, .file, reloads: true)
            .means("PEM file with the whole chain."),
        Key("public.tls.key", \.public.tls.made.key, .file, reloads: true)
            .means("PEM file. Without `tls`, a proxy in front must provide HTTPS."),
        Key("admin.address", \.admin.address, .address)
            .means("Where the status page and the admin API listen. Beyond loopback only with a token."),
        Key("admin.port", \.admin.port, .port)
            .means("0 takes any free port."),
        Key("admin.token", \.admin.token, Kind.secret.optional)
            .means("Bearer token; in a browser, the password."),
        Key("admin.hosts", \.admin.hosts, Kind.hostName.list)
            .means("Host names, besides those of loopback, by which the admin listener may be called."),
        Key("store", \.store, .store)
            .means(
                "`sqlite:PATH`, `postgresql://USER@HOST/DATABASE` for several replicas, or `memory` (forgets everything on exit)."
            ),
    ]

    private static let dynamics: [Key] = [
        Key("dynamics.keys", \.dynamics.keys, Kind.secret.list)
            .means("Accepted values of `?code=` (WebhookKey); several while a key is being rotated."),
        Key("dynamics.headers", \.dynamics.headers, Kind.headerName.map(to: Kind.secret.oneOrMore))
            .means("Accepted headers (HttpHeader): name to value or list of values."),
        Key("dynamics.query", \.dynamics.query, Kind.text.map(to: Kind.secret.oneOrMore))
            .means("Accepted query parameters (HttpQueryString): name to value or list of values."),
        Key("dynamics.anonymous", \.dynamics.anonymous, .yesNo)
            .means("Accepts notifications without any key if `public.address` is loopback. For trials only."),
        Key("dynamics.organizations", \.dynamics.organizations, Kind.organization.list)
            .means(
                "Accepted organisations: id, unique name, or host. Empty accepts any, including copies made for tests."
            ),
        Key("dynamics.marketoUsers", \.dynamics.marketoUsers, Kind.guid.list)
            .means("Marketo's users in Dynamics: opportunities that they create are refused."),
        Key("dynamics.webApi.url", \.dynamics.webApi.made.url, .environment)
            .means("The environment, such as `https://contoso.crm.dynamics.com`."),
        Key("dynamics.webApi.tenant", \.dynamics.webApi.made.tenant, .tenant)
            .means("The tenant's id or domain, which gives the address for tokens in Microsoft's public cloud."),
        Key("dynamics.webApi.tokenUrl", \.dynamics.webApi.made.tokenUrl, .webAddress)
            .means("Instead of `tenant`: such as `https://login.microsoftonline.us/TENANT/oauth2/v2.0/token`."),
        Key("dynamics.webApi.clientId", \.dynamics.webApi.made.clientId, .text)
            .means("The application user's id."),
        Key("dynamics.webApi.clientSecret", \.dynamics.webApi.made.clientSecret, .secret)
            .means("The application user's secret."),
        Key("dynamics.webApi.concurrentRequests", \.dynamics.webApi.made.concurrentRequests, .whole(1...52))
            .means("Dynamics allows 52 for each user."),
        Key("dynamics.webApi.requestsPer5Minutes", \.dynamics.webApi.made.requestsPer5Minutes, .whole(1...6000))
            .means("Dynamics allows 6,000 for each user; other integrations may share it."),
        Key("dynamics.reconcileEveryMinutes", \.dynamics.reconcileEveryMinutes, .whole(0...10_080))
            .means(
                "With `webApi`, after the first load: how often to look for changes that no webhook reported. 0: never."
            ),
    ]

    private static let marketo: [Key] = [
        Key("marketo.endpoint", \.marketo.endpoint, Kind.marketoEndpoint.orEmpty)
            .means("The endpoint that Marketo's Web Services screen shows. Empty: nothing is forwarded."),
        Key("marketo.clientId", \.marketo.clientId, Kind.text.orEmpty)
            .means("The LaunchPoint service's client id."),
        Key("marketo.clientSecret", \.marketo.clientSecret, Kind.secret.orEmpty)
            .means("The LaunchPoint service's client secret."),
        Key("marketo.certificateAuthority", \.marketo.certificateAuthority, Kind.file.optional, reloads: true)
            .means("PEM file, for a proxy with a private authority. If set, only the authorities in it are trusted."),
        Key("marketo.callsPer20Seconds", \.marketo.callsPer20Seconds, .whole(1...100))
            .means("Marketo allows 100 for all integrations together, and recommends 50."),
        Key("marketo.concurrentCalls", \.marketo.concurrentCalls, .whole(1...10))
            .means("Marketo allows 10 for all integrations together, and recommends 5."),
        Key("marketo.callsPerDay", \.marketo.callsPerDay, .whole(1...10_000_000))
            .means("Resets at 06:00 UTC."),
        Key("marketo.flushAfterMilliseconds", \.marketo.flushAfterMilliseconds, .whole(0...60_000))
            .means("How long a change waits for others to share a call."),
        Key("marketo.lead.field", \.marketo.lead.field, .marketoField)
            .means("The lead field that identifies a contact."),
        Key("marketo.lead.value", \.marketo.lead.value, .column)
            .means("The contact's column whose value this field holds; `emailaddress1` goes with `email`."),
        Key("marketo.lead.create", \.marketo.lead.create, .yesNo)
            .means("Creates missing leads; otherwise their roles wait."),
        Key("marketo.lead.partition", \.marketo.lead.partition, Kind.text.optional)
            .means("The partition for created leads, if Marketo has several."),
        Key("marketo.salesPersons", \.marketo.salesPersons, .yesNo)
            .means("Sends the owner of an opportunity as its sales person. Needs `dynamics.webApi`."),
    ]

    private static let rules: [Key] = [
        Key("rules.customerRole", \.rules.customerRole, .text)
            .means("The role of a contact that is the customer."),
        Key("rules.stakeholderRole", \.rules.stakeholderRole, .text)
            .means("The role of a stakeholder whose connection role is not in `rules.roleNames`."),
        Key("rules.roleNames", \.rules.roleNames, Kind.guid.map(to: .text))
            .means("Maps a connection role's GUID to the role's name in Marketo."),
        Key("rules.amount.open", \.rules.amount.open, .column)
            .means("The column for the amount while open or lost; `estimatedvalue_base` for the base currency."),
        Key("rules.amount.won", \.rules.amount.won, .column)
            .means("The column for the amount once won; `actualvalue_base` for the base currency."),
        Key("rules.onDelete", \.rules.onDelete, .oneOf)
            .means("Whether to `delete` or `keep` an opportunity in Marketo after it is deleted in Dynamics."),
        Key("rules.syncWhen.attribute", \.rules.syncWhen.made.attribute, .column)
            .means("The column that decides whether an opportunity syncs. Unknown or empty counts as yes."),
        Key("rules.syncWhen.equals", \.rules.syncWhen.made.equals, .literal)
            .means(
                "The value it must have to sync: true, false, a number, or text (in quotes, if it looks like one of the others)."
            ),
        Key("rules.onNoLongerMatching", \.rules.onNoLongerMatching, .oneOf)
            .means("Whether to `keep` or `withdraw` an opportunity in Marketo that no longer matches."),
        Key("rules.linkPeopleToCompany", \.rules.linkPeopleToCompany, .yesNo)
            .means("Moves the people of known contacts to their account's company, for attribution by company."),
        Key("rules.roleForFormContact", \.rules.roleForFormContact, Kind.text.optional)
            .means("The role of a contact that the form names beside an account; `null`: none."),
        Key("fields", \.fields, Kind.fields.optional)
            .means(
                "Maps a Dynamics column to a Marketo field, or to a map with a conversion. `null` is the default mapping."
            ),
    ]

    private static let bounds: [Key] = [
        Key("inbox.keepDays", \.inbox.keepDays, .whole(1...3650))
            .means("How long applied notifications are kept."),
        Key("inbox.sizeMegabytesMax", \.inbox.sizeMegabytesMax, .whole(1...100_000_000))
            .means("Applied notifications are removed first; the inbox is full only when the others alone exceed it."),
        Key("history.keepDays", \.history.keepDays, .whole(1...3650))
            .means("How long the story of an opportunity tells what was decided, sent, and confirmed."),
        Key("limits.bodyBytesMax", \.limits.bodyBytesMax, .whole(1024...67_108_864))
            .means("The size of one notification."),
        Key("limits.bodiesInMemoryMegabytesMax", \.limits.bodiesInMemoryMegabytesMax, .whole(1...65_536))
            .means("The size of all bodies being received; beyond it the response is 503."),
        Key("limits.jsonDepthMax", \.limits.jsonDepthMax, .whole(8...1024))
            .means("The nesting of objects and arrays."),
        Key("limits.connectionsMax", \.limits.connectionsMax, .whole(16...100_000))
            .means("The number of open connections."),
        Key("limits.requestsInFlightMax", \.limits.requestsInFlightMax, .whole(1...100_000))
            .means("The number of requests in progress; beyond it the response is 503."),
        Key("limits.requestSecondsMax", \.limits.requestSecondsMax, .whole(1...3600))
            .means("The time from a request's first byte to its response."),
        Key("limits.drainSecondsMax", \.limits.drainSecondsMax, .whole(0...3600))
            .means("How long shutdown waits for requests in progress."),
        Key("limits.diskFreeMegabytesMin", \.limits.diskFreeMegabytesMin, .whole(0...1_000_000))
            .means(
                "Below it nothing is accepted; free space within the store's file counts, as long as the disk "
                    + "itself has 64 MB."
            ),
        Key("alerts.url", \.alerts.url, Kind.postAddress.optional)
            .means("Where changes of the verdict are posted. Slack's and Teams' addresses are secrets."),
        Key("alerts.format", \.alerts.format, .oneOf)
            .means("`json`, `slack`, or `teams` (a webhook of Workflows)."),
        Key("log.level", \.log.level, .oneOf)
            .means("`debug`, `info`, `warning`, or `error`."),
        Key("log.format", \.log.format, Kind.oneOf.optional)
            .means("`json` or `text`; `null` is text on a terminal and JSON elsewhere."),
    ]
}
