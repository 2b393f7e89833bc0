import Telemetry
import Testing

@testable import Configuration

@Suite struct ValuesTests {
    @Test func nothingGivenIsTheDefault() throws {
        for yaml in ["", "# only a comment\n", "---\n", "{}", "null", "public:\ndynamics: ~\n", "\u{feff}log: {}"] {
            #expect(try configuration(yaml) == Configuration(), "\(yaml)")
        }
    }

    /// One value other than the default for every key; see `everyKeySetsItsOwnProperty`.
    static let others: [String: String] = [
        "public.address": "127.0.0.2", "public.port": "1", "public.tls.certificate": "c.pem", "public.tls.key": "k.pem",
        "admin.address": "::1", "admin.port": "2", "admin.token": "a-token-long-enough",
        "admin.hosts": #"["One.example"]"#,
        "store": "memory:", "dynamics.keys": #"["k1","k2"]"#,
        "dynamics.headers": #"{"X-Key":["h1","h2"],"x-other":"h3"}"#,
        "dynamics.query": #"{"code2":"q"}"#, "dynamics.anonymous": "yes",
        "dynamics.organizations": #"["Contoso","{AAAAAAAABBBBCCCCDDDDEEEEEEEEEEEE}","https://Org1.crm.dynamics.com/"]"#,
        "dynamics.marketoUsers": #"["(AAAAAAAA-bbbb-CCCC-dddd-EEEEEEEEEEEE)"]"#,
        "dynamics.webApi.url": "https://contoso.crm.dynamics.com/", "dynamics.webApi.tokenUrl": "http://localhost:1/t",
        "dynamics.webApi.tenant": "Contoso.onmicrosoft.com", "dynamics.webApi.concurrentRequests": "52",
        "dynamics.webApi.requestsPer5Minutes": "6000", "dynamics.reconcileEveryMinutes": "1440",
        "dynamics.webApi.clientId": "ci", "dynamics.webApi.clientSecret": "no",
        "marketo.endpoint": "https://123-ABC-456.mktorest.com/rest/", "marketo.clientId": "8080",
        "marketo.clientSecret": "s: #{}[]", "marketo.certificateAuthority": "ca.pem",
        "marketo.callsPer20Seconds": "100",
        "marketo.concurrentCalls": "10", "marketo.callsPerDay": "1", "marketo.flushAfterMilliseconds": "0",
        "marketo.lead.field": "email", "marketo.lead.value": "emailaddress1", "marketo.lead.create": "true",
        "marketo.lead.partition": "EMEA", "marketo.salesPersons": "true",
        "rules.customerRole": "Kunde", "rules.stakeholderRole": "no",
        "rules.roleNames": #"{"AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE":"Champion"}"#,
        "rules.amount.open": "estimatedvalue_base", "rules.amount.won": "actualvalue_base", "rules.onDelete": "keep",
        "rules.syncWhen.attribute": "new_synctomarketo", "rules.syncWhen.equals": "100000",
        "rules.onNoLongerMatching": "withdraw", "rules.linkPeopleToCompany": "true",
        "rules.roleForFormContact": "no", "fields": #"{"name":"name"}"#, "history.keepDays": "7",
        "inbox.keepDays": "1",
        "inbox.sizeMegabytesMax": "1", "limits.bodyBytesMax": "1024", "limits.bodiesInMemoryMegabytesMax": "4",
        "limits.jsonDepthMax": "8", "limits.connectionsMax": "16", "limits.requestsInFlightMax": "1",
        "limits.requestSecondsMax": "1", "limits.drainSecondsMax": "0", "limits.diskFreeMegabytesMin": "0",
        "alerts.url": "https://hooks.example/a?key=b", "alerts.format": "teams",
        "log.level": "debug", "log.format": "text",
    ]

    @Test func everyValueArrives() throws {
        let environment = Dictionary(
            uniqueKeysWithValues: Schema.keys.map { ($0.variable, Self.others[$0.name] ?? "") }
        )
        let read = try configuration("", environment)
        let guid = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
        #expect(read.public.tls == Configuration.TLS(certificate: "c.pem", key: "k.pem"))
        #expect(read.admin.address.isLoopback && read.admin.address.description == "::1")
        #expect(read.admin.hosts == ["one.example"])
        #expect(read.dynamics.keys.map { $0.reveal() } == ["k1", "k2"])
        #expect(read.dynamics.headers == ["x-key": [Secret("h1"), Secret("h2")], "x-other": [Secret("h3")]])
        #expect(read.dynamics.query == ["code2": [Secret("q")]])
        #expect(read.dynamics.organizations == ["contoso", guid, "org1.crm.dynamics.com"])
        #expect(read.dynamics.marketoUsers == [guid])
        #expect(
            read.dynamics.webApi
                == Configuration.WebApi(
                    url: "https://contoso.crm.dynamics.com",
                    tenant: "contoso.onmicrosoft.com",
                    tokenUrl: "http://localhost:1/t",
                    clientId: "ci",
                    clientSecret: Secret("no"),
                    concurrentRequests: 52,
                    requestsPer5Minutes: 6000
                )
        )
        #expect(read.dynamics.reconcileEveryMinutes == 1440)
        #expect(read.marketo.endpoint == "https://123-abc-456.mktorest.com")
        #expect(read.marketo.clientId == "8080")
        #expect(read.marketo.clientSecret.reveal() == "s: #{}[]")
        #expect(read.rules.roleNames == [guid: "Champion"])
        #expect(
            read.rules.syncWhen == Configuration.SyncWhen(attribute: "new_synctomarketo", equals: .number("100000"))
        )
        #expect(read.rules.stakeholderRole == "no")
        #expect(read.dynamics.anonymous && read.marketo.lead.create)
        #expect(read.fields == [FieldMapping(column: "name", field: "name")])
        #expect(read.log.format == .text)
    }

    @Test(arguments: Schema.keys.map(\.name)) func everyKeySetsItsOwnProperty(_ name: String) throws {
        let key = try #require(Schema.byName[name])
        let text = try #require(Self.others[name])
        var (read, findings) = (Configuration(), Findings())
        let place = Place.variable("test")
        let node =
            key.isStructured
            ? YAMLReader.read(Array(text.utf8), into: &findings) { _, _ in place }
            : Node(value: .scalar(text, isQuoted: false), place: place)
        key.read(try #require(node), &findings, &read)
        #expect(findings.problems.isEmpty)
        #expect(Schema.keys.filter { !$0.isSame(read, Configuration()) }.map(\.name) == [name])
        var copied = Configuration()
        key.copy(read, &copied)
        #expect(copied == read)
    }

    @Test func everyKeyIsListedOnce() {
        #expect(Set(Self.others.keys) == Set(Schema.keys.map(\.name)))
        #expect(Set(Schema.keys.map(\.variable)).count == Schema.keys.count)
        for key in Schema.keys {
            #expect(key.meaning.hasSuffix("."), "\(key.name) must have a meaning")
            #expect(!key.variable.hasSuffix("_FILE"), "\(key.name) would be taken for the name of a file")
        }
    }

    @Test(arguments: [
        ("marketo.callsPer20Seconds", "ONEWAY_MARKETO_CALLS_PER_20_SECONDS"),
        ("marketo.clientSecret", "ONEWAY_MARKETO_CLIENT_SECRET"), ("store", "ONEWAY_STORE"),
        ("dynamics.webApi.tokenUrl", "ONEWAY_DYNAMICS_WEB_API_TOKEN_URL"),
        ("limits.bodiesInMemoryMegabytesMax", "ONEWAY_LIMITS_BODIES_IN_MEMORY_MEGABYTES_MAX"),
        ("limits.jsonDepthMax", "ONEWAY_LIMITS_JSON_DEPTH_MAX"),
    ])
    func variablesSplitAtCapitalsAndDigits(key: String, variable: String) {
        #expect(Schema.byName[key]?.variable == variable)
    }

    @Test func quotesDoNotDecideTypes() throws {
        let read = try configuration(
            """
            public: { port: "9090" }
            dynamics: { anonymous: 'on' }
            rules: { customerRole: no, stakeholderRole: 1e3 }
            marketo: { clientId: 0x1F }
            """
        )
        #expect(read.public.port == 9090)
        #expect(read.dynamics.anonymous)
        #expect(read.rules.customerRole == "no")
        #expect(read.rules.stakeholderRole == "1e3")
        #expect(read.marketo.clientId == "0x1F")
        #expect(try configuration(#"rules: { customerRole: "null" }"#).rules.customerRole == "null")
    }

    @Test(
        arguments: [
            ("true", .yesNo(true)), ("false", .yesNo(false)), ("no", .text("no")), ("'true'", .text("true")),
            ("100000001", .number("100000001")), ("-1.50", .number("-1.50")), ("'1'", .text("1")),
            ("1e3", .text("1e3")),
            ("''", .text("")), ("'null'", .text("null")), ("Yes please", .text("Yes please")), ("1.", .text("1.")),
        ] as [(String, Configuration.Literal)]
    )
    func onlySyncWhenTakesSeveralTypes(yaml: String, value: Configuration.Literal) throws {
        let read = try configuration("rules: { syncWhen: { attribute: a, equals: \(yaml) } }")
        #expect(read.rules.syncWhen?.equals == value)
    }

    @Test(
        arguments: [
            ("sqlite:oneway.db", .sqlite(path: "oneway.db")),
            ("sqlite:/var/lib/one way.db", .sqlite(path: "/var/lib/one way.db")),
            ("memory", .memory), ("'memory:'", .memory),
            ("postgresql://u@h/d", .postgreSQL(Secret("postgresql://u@h/d"))),
            ("postgres://u:p@h:5432/d?sslmode=require", .postgreSQL(Secret("postgres://u:p@h:5432/d?sslmode=require"))),
        ] as [(String, Configuration.Store)]
    )
    func stores(text: String, store: Configuration.Store) throws {
        #expect(try configuration("store: \(text)").store == store)
    }

    @Test(arguments: [
        ("https://123-ABC-456.mktorest.com", "https://123-abc-456.mktorest.com"),
        ("https://a.mktorest.com/", "https://a.mktorest.com"),
        ("https://a.mktorest.com/rest", "https://a.mktorest.com"),
        ("https://a.mktorest.com/rest/", "https://a.mktorest.com"),
        ("https://a.mktorest.com/identity//", "https://a.mktorest.com"),
        ("HTTPS://a.mktorest.com:8443/proxy/rest", "https://a.mktorest.com:8443/proxy"),
        ("http://127.0.0.1:9/rest", "http://127.0.0.1:9"), ("http://localhost:9", "http://localhost:9"),
        ("http://[::1]:9/identity", "http://[::1]:9"),
        ("https://a.mktorest.com/interest", "https://a.mktorest.com/interest"),
    ])
    func endpoints(text: String, endpoint: String) throws {
        #expect(try configuration("marketo: { endpoint: '\(text)' }").marketo.endpoint == endpoint)
    }

    @Test(arguments: [
        "http://a.mktorest.com", "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://user@localhost",
        "https://user:secret@a.mktorest.com", "https://", "https:///rest", "ftp://localhost", "a.mktorest.com",
        "https://a.mktorest.com?x=1", "https://a.mktorest.com/#x", "https://a b.com", "https://a:0", "https://a:65536",
        "https://a:+1", "https://a:", "https://[::1", "https://[1.2.3.4]", "https://[::1]x", "http://0.0.0.0",
        "https://é.com",
        "http://[::ffff:1.2.3.4]", "https://-a.com", "https://a.com/x y",
    ])
    func endpointsRefused(text: String) {
        #expect(problems("marketo: { endpoint: '\(text)' }").count == 1)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.1", true), ("0.0.0.0", false), ("10.0.0.1", false), ("128.0.0.1", false),
        ("::1", true), ("::", false), ("::ffff:127.0.0.1", true), ("::ffff:10.0.0.1", false), ("::2", false),
        ("fe80::1", false),
    ])
    func addresses(text: String, isLoopback: Bool) {
        #expect(IPAddress(text)?.isLoopback == isLoopback)
        #expect(IPAddress(text)?.isEverywhere == ["0.0.0.0", "::"].contains(text))
    }

    @Test(arguments: [
        "", "localhost", "127.1", "1.2.3.4.5", "256.0.0.1", "[::1]", "::1%lo", "127.0.0.1\0", " 127.0.0.1", "0x7f.1",
    ])
    func addressesRefused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", "{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}",
        "(aaaaaaaabbbbccccddddeeeeeeeeeeee)",
        "aaaaaaaabbbbccccddddeeeeeeeeeeee",
    ])
    func guids(text: String) {
        #expect(normalizedGUID(text) == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
    }

    @Test(arguments: [
        "", "{}", "{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee",
        "aaaaaaaab-bbb-cccc-dddd-eeeeeeeeeeee", "gaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee-",
        "ａaaaaaaabbbbccccddddeeeeeeeeeeee", "aaaaaaaa-bbbbccccddddeeeeeeeeeeee",
    ])
    func guidsRefused(text: String) {
        #expect(normalizedGUID(text) == nil)
    }
}
