/// Every setting, told once. Reading, environment names, help, and the check of docs and example all come from here.
///
/// A new setting is a property in `Configuration` and a line here.
enum Schema {
    static let variablePrefix = "ONEWAY_"
    static let keys = listeners + dynamics + marketo + rules + bounds
    static let byName = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
    /// `public`, `public.tls`, ...: what may hold keys.
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
            .means("PEM file, the whole chain."),
        Key("public.tls.key", \.public.tls.made.key, .file, reloads: true)
            .means("PEM file. Without tls a proxy in front must do HTTPS."),
        Key("admin.address", \.admin.address, .address)
            .means("Where the status page and the admin API are. Beyond loopback only with a token."),
        Key("admin.port", \.admin.port, .port)
            .means("0 takes any free port."),
        Key("admin.token", \.admin.token, Kind.secret.optional)
            .means("Bearer token, or the password of a browser."),
        Key("admin.hosts", \.admin.hosts, Kind.hostName.list)
            .means("Names besides those of loopback by which the admin side may be called."),
        Key("store", \.store, .store)
            .means(
                "`sqlite:PATH`, or `memory` (forgets everything at the end). `postgresql://USER@HOST/DATABASE` is not supported yet."
            ),
    ]

    private static let dynamics: [Key] = [
        Key("dynamics.keys", \.dynamics.keys, Kind.secret.list)
            .means("Accepted values of `?code=` (WebhookKey); several while a key is being changed."),
        Key("dynamics.headers", \.dynamics.headers, Kind.headerName.map(to: Kind.secret.oneOrMore))
            .means("Accepted headers (HttpHeader): name to value or list of values."),
        Key("dynamics.query", \.dynamics.query, Kind.text.map(to: Kind.secret.oneOrMore))
            .means("Accepted query parameters (HttpQueryString): name to value or list of values."),
        Key("dynamics.anonymous", \.dynamics.anonymous, .yesNo)
            .means("Accepts notifications without any key, if `public.address` is loopback. For trying out."),
        Key("dynamics.organizations", \.dynamics.organizations, Kind.organization.list)
            .means("Accepted organisations: id, unique name, or host. Empty accepts any, copies for tests too."),
        Key("dynamics.marketoUsers", \.dynamics.marketoUsers, Kind.guid.list)
            .means("Marketo's users in Dynamics: opportunities that they create are refused."),
        Key("dynamics.webApi.url", \.dynamics.webApi.made.url, .webAddress)
            .means("The environment, such as `https://contoso.crm.dynamics.com`. Not supported yet."),
        Key("dynamics.webApi.tokenUrl", \.dynamics.webApi.made.tokenUrl, .webAddress)
            .means("Such as `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`."),
        Key("dynamics.webApi.clientId", \.dynamics.webApi.made.clientId, .text)
            .means("The application user's id."),
        Key("dynamics.webApi.clientSecret", \.dynamics.webApi.made.clientSecret, .secret)
            .means("The application user's secret."),
    ]

    private static let marketo: [Key] = [
        Key("marketo.endpoint", \.marketo.endpoint, Kind.marketoEndpoint.orEmpty)
            .means("As Marketo's Web Services screen shows it. Empty: nothing is forwarded."),
        Key("marketo.clientId", \.marketo.clientId, Kind.text.orEmpty)
            .means("Of the LaunchPoint service."),
        Key("marketo.clientSecret", \.marketo.clientSecret, Kind.secret.orEmpty)
            .means("Of the LaunchPoint service."),
        Key("marketo.certificateAuthority", \.marketo.certificateAuthority, Kind.file.optional, reloads: true)
            .means("PEM file, for a proxy with a private authority. Then only its authorities are trusted."),
        Key("marketo.callsPer20Seconds", \.marketo.callsPer20Seconds, .whole(1...100))
            .means("Marketo allows 100 to all integrations together, and advises 50."),
        Key("marketo.concurrentCalls", \.marketo.concurrentCalls, .whole(1...10))
            .means("Marketo allows 10 to all integrations together, and advises 5."),
        Key("marketo.callsPerDay", \.marketo.callsPerDay, .whole(1...10_000_000))
            .means("Counted anew at 06:00 UTC."),
        Key("marketo.flushAfterMilliseconds", \.marketo.flushAfterMilliseconds, .whole(0...60_000))
            .means("How long a change waits for others to share a call."),
        Key("marketo.lead.field", \.marketo.lead.field, .marketoField)
            .means("The lead field by which a contact is found."),
        Key("marketo.lead.value", \.marketo.lead.value, .column)
            .means("The contact's column that this field holds; `emailaddress1` goes with `email`."),
        Key("marketo.lead.create", \.marketo.lead.create, .yesNo)
            .means("Creates leads that are missing; else their roles wait."),
        Key("marketo.lead.partition", \.marketo.lead.partition, Kind.text.optional)
            .means("The partition that created leads go to, where Marketo has several."),
    ]

    private static let rules: [Key] = [
        Key("rules.customerRole", \.rules.customerRole, .text)
            .means("The role of a contact that is the customer."),
        Key("rules.stakeholderRole", \.rules.stakeholderRole, .text)
            .means("The role of a stakeholder whose connection role has no name here."),
        Key("rules.roleNames", \.rules.roleNames, Kind.guid.map(to: .text))
            .means("Connection role's GUID to the role's name in Marketo."),
        Key("rules.amount.open", \.rules.amount.open, .column)
            .means("The amount while open or lost; `estimatedvalue_base` for the base currency."),
        Key("rules.amount.won", \.rules.amount.won, .column)
            .means("The amount once won; `actualvalue_base` for the base currency."),
        Key("rules.onDelete", \.rules.onDelete, .oneOf)
            .means("What happens in Marketo to an opportunity deleted in Dynamics: `delete` or `keep`."),
        Key("rules.syncWhen.attribute", \.rules.syncWhen.made.attribute, .column)
            .means("Only opportunities whose column has this value sync. Unknown or empty counts as yes."),
        Key("rules.syncWhen.equals", \.rules.syncWhen.made.equals, .literal)
            .means("That value: true, false, a number, or text (in quotes, if it looks like one of the others)."),
        Key("rules.onNoLongerMatching", \.rules.onNoLongerMatching, .oneOf)
            .means("What happens in Marketo to one that stops matching: `keep` or `withdraw`."),
        Key("fields", \.fields, Kind.fields.optional)
            .means("Dynamics column to Marketo field, or to a map with conversions. `null` is the default mapping."),
    ]

    private static let bounds: [Key] = [
        Key("inbox.keepDays", \.inbox.keepDays, .whole(1...3650))
            .means("How long applied notifications are kept."),
        Key("inbox.sizeMegabytesMax", \.inbox.sizeMegabytesMax, .whole(1...100_000_000))
            .means("Applied notifications are removed first; full only when the others alone exceed it."),
        Key("limits.bodyBytesMax", \.limits.bodyBytesMax, .whole(1024...67_108_864))
            .means("Of one notification."),
        Key("limits.bodiesInMemoryMegabytesMax", \.limits.bodiesInMemoryMegabytesMax, .whole(1...65_536))
            .means("Of all bodies being received; beyond it the answer is 503."),
        Key("limits.jsonDepthMax", \.limits.jsonDepthMax, .whole(8...1024))
            .means("Of nested objects and arrays."),
        Key("limits.connectionsMax", \.limits.connectionsMax, .whole(16...100_000))
            .means("Of open connections."),
        Key("limits.requestsInFlightMax", \.limits.requestsInFlightMax, .whole(1...100_000))
            .means("Of requests being answered; beyond it the answer is 503."),
        Key("limits.requestSecondsMax", \.limits.requestSecondsMax, .whole(1...3600))
            .means("From a request's first byte to its answer."),
        Key("limits.drainSecondsMax", \.limits.drainSecondsMax, .whole(0...3600))
            .means("How long stopping waits for requests under way."),
        Key("limits.diskFreeMegabytesMin", \.limits.diskFreeMegabytesMin, .whole(0...1_000_000))
            .means(
                "Below it nothing is accepted any more; what is free within the store's file counts, as long as the disk "
                    + "itself has 64 MB."
            ),
        Key("log.level", \.log.level, .oneOf)
            .means("`debug`, `info`, `warning`, or `error`."),
        Key("log.format", \.log.format, Kind.oneOf.optional)
            .means("`json` or `text`; `null` is text on a terminal, json elsewhere."),
    ]
}
