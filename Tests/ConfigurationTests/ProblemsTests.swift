import Testing

@testable import Configuration

@Suite struct ProblemsTests {
    @Test(arguments: [
        ("publik: {}", "f:1:1: publik: no such key; did you mean public?"),
        ("public:\n  prot: 1", "f:2:3: public.prot: no such key; did you mean port?"),
        ("something: 1", "f:1:1: something: no such key"),
        ("marketo:\n  <<: {}", "f:2:3: marketo.<<: no such key"),
        ("log: {}\nlog: {}", "f:2:1: log is given twice"),
        ("log:\n  level: info\n  \"level\": debug", "f:3:3: level is given twice"),
        ("log: info", "f:1:6: log: expected a map such as {level: ..., format: ...}, found text"),
        (
            "- a",
            "f:1:1: expected a map such as {public: ..., admin: ..., store: ..., dynamics: ..., marketo: ..., "
                + "rules: ..., fields: ..., inbox: ..., history: ..., limits: ..., alerts: ..., log: ...}, found a list"
        ),
        ("public:\n  port: 65536", "f:2:9: public.port: expected a whole number from 0 to 65535, found a number"),
        ("public:\n  port: -1", "f:2:9: public.port: expected a whole number from 0 to 65535, found a number"),
        ("public:\n  port: +1", "f:2:9: public.port: expected a whole number from 0 to 65535, found a number"),
        ("public:\n  port: http", "f:2:9: public.port: expected a whole number from 0 to 65535, found text"),
        ("public:\n  port:", "f:2:8: public.port: expected a whole number from 0 to 65535, found nothing"),
        ("public:\n  port: [1]", "f:2:9: public.port: expected a whole number from 0 to 65535, found a list"),
        (
            "marketo:\n  callsPer20Seconds: 0",
            "f:2:22: marketo.callsPer20Seconds: expected a whole number from 1 to 100, found a number"
        ),
        (
            "marketo:\n  concurrentCalls: 11",
            "f:2:20: marketo.concurrentCalls: expected a whole number from 1 to 10, found a number"
        ),
        (
            "public:\n  address: localhost",
            "f:2:12: public.address: expected an IP address such as 127.0.0.1 or ::, found text"
        ),
        (
            "store: mysql://h/d",
            "f:1:8: store: expected sqlite:PATH, postgresql://USER@HOST/DATABASE, or memory, found text"
        ),
        (
            "store: 'sqlite:'",
            "f:1:8: store: expected sqlite:PATH, postgresql://USER@HOST/DATABASE, or memory, found text"
        ),
        ("dynamics:\n  anonymous: maybe", "f:2:14: dynamics.anonymous: expected true or false, found text"),
        ("dynamics:\n  keys: one", "f:2:9: dynamics.keys: expected a list such as [one, two], found text"),
        ("dynamics:\n  keys:\n  - a\n  - [b]", "f:4:5: dynamics.keys: expected a secret of one line, found a list"),
        ("dynamics:\n  keys: ['']", "f:2:10: dynamics.keys: expected a secret of one line, found empty text"),
        ("dynamics:\n  keys: [\"a\\nb\"]", "f:2:10: dynamics.keys: expected a secret of one line, found text"),
        ("dynamics:\n  headers: [a]", "f:2:12: dynamics.headers: expected a map such as {name: value}, found a list"),
        ("dynamics:\n  headers: {'x y': a}", "f:2:13: dynamics.headers: expected a header's name, found text"),
        ("dynamics:\n  headers: {x-a: a, X-A: b}", "f:2:21: dynamics.headers: the same name is given twice"),
        ("dynamics:\n  marketoUsers: [1234]", "f:2:18: dynamics.marketoUsers: expected a GUID, found a number"),
        (
            "dynamics: { webApi: { url: 'http://contoso' } }",
            "f:1:28: dynamics.webApi.url: expected an https address such as https://contoso.crm.dynamics.com (http on "
                + "loopback only), found text"
        ),
        (
            "dynamics: { webApi: { url: 'https://contoso.crm.dynamics.com/other' } }",
            "f:1:28: dynamics.webApi.url: expected an https address such as https://contoso.crm.dynamics.com (http on "
                + "loopback only), found text"
        ),
        (
            "dynamics:\n  webApi:\n    tenant: a/b",
            "f:3:13: dynamics.webApi.tenant: expected a tenant's id or domain, such as contoso.onmicrosoft.com, found text"
        ),
        (
            "dynamics:\n  webApi:\n    concurrentRequests: 53",
            "f:3:25: dynamics.webApi.concurrentRequests: expected a whole number from 1 to 52, found a number"
        ),
        (
            "dynamics:\n  webApi:\n    requestsPer5Minutes: 0",
            "f:3:26: dynamics.webApi.requestsPer5Minutes: expected a whole number from 1 to 6000, found a number"
        ),
        ("rules:\n  onDelete: no", "f:2:13: rules.onDelete: expected one of delete, keep, found text"),
        (
            "rules:\n  onNoLongerMatching: delete",
            "f:2:23: rules.onNoLongerMatching: expected one of keep, withdraw, found text"
        ),
        ("rules:\n  roleNames: { x: Champion }", "f:2:16: rules.roleNames: expected a GUID, found text"),
        (
            "rules: { syncWhen: { equals: true } }",
            "configuration: rules.syncWhen.attribute: missing; syncWhen needs it"
        ),
        (
            "rules: { syncWhen: { attribute: a, equals: [] } }",
            "f:1:44: rules.syncWhen.equals: expected true, false, a number, or text, found a list"
        ),
        (
            "rules: { amount: { open: Estimated Value } }",
            "f:1:26: rules.amount.open: expected a column's logical name, such as new_region, found text"
        ),
        ("log: { level: loud }", "f:1:15: log.level: expected one of debug, info, warning, error, found text"),
        ("log: { format: xml }", "f:1:16: log.format: expected one of json, text, found text"),
        ("public: { tls: { certificate: a.pem } }", "configuration: public.tls.key: missing; tls needs it"),
        (
            "public: { tls: { certificate: '', key: k } }",
            "f:1:31: public.tls.certificate: expected the path of a file, found empty text"
        ),
        ("admin:\n  address: 0.0.0.0", "f:2:12: admin.address: allowed beyond loopback only with an admin.token"),
        (
            "admin:\n  address: '::'\n  token: null",
            "f:2:12: admin.address: allowed beyond loopback only with an admin.token"
        ),
        ("public: { address: 127.0.0.1 }\nadmin: { port: 8080 }", "f:2:16: admin.port: the same as public.port"),
        (
            "limits: { bodyBytesMax: 1048577, bodiesInMemoryMegabytesMax: 1 }",
            "f:1:25: limits.bodyBytesMax: more than limits.bodiesInMemoryMegabytesMax allows"
        ),
    ])
    func eachIsReportedWithItsPlace(yaml: String, says: String) {
        #expect(problems(yaml) == [says])
    }

    @Test(arguments: [
        ("a: &x 1", "f:1:4: anchors (&) are not allowed"), ("log: *x", "f:1:6: aliases (*) are not allowed"),
        ("log: !!map {}", "f:1:6: tags (!) are not allowed"), ("store: !x memory:", "f:1:8: tags (!) are not allowed"),
        ("dynamics: { keys: !!seq [] }", "f:1:19: tags (!) are not allowed"),
        ("dynamics: { keys: &k [] }", "f:1:19: anchors (&) are not allowed"),
        ("--- {}\n--- {}", "f:2:1: a second document; only one is read"),
        ("? [a]\n: b", "f:1:3: expected a plain key, found a list"),
        ("? {a: b}\n: c", "f:1:3: expected a plain key, found a map"),
        ("log: {\n", "f:2:1: not YAML: did not find expected node content while parsing a flow node"),
        ("log:\n\tlevel: info", "f:2:1: a tab at the beginning of a line: YAML is indented with spaces only"),
        (
            "log: @x",
            "f:1:6: not YAML: found character that cannot start any token while scanning for the next token"
        ),
        ("log: 'x", "f:1:8: not YAML: found unexpected end of stream while scanning a quoted scalar"),
        ("a: b: c", "f:1:5: not YAML: mapping values are not allowed in this context"),
        ("log:\n  level: a\u{1}b", "f:2:11: not YAML: control characters are not allowed"),
    ])
    func onlyTheStrictSubsetIsRead(yaml: String, says: String) {
        #expect(problems(yaml).contains(says), "\(problems(yaml))")
    }

    @Test func bytesThatAreNotTextAreReported() {
        for bytes: [UInt8] in [
            [0xff, 0xfe, 0x61, 0], [0x61, 0x0a, 0xc0, 0xaf], [0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80],
        ] {
            #expect(throws: Problems.self) { try Configuration.read(bytes, toServe: false) }
        }
    }

    @Test func depthAndSizeAreBounded() {
        func nested(_ depth: Int) -> String {
            "dynamics: { keys: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + " }"
        }
        // Two maps around it.
        #expect(problems(nested(YAMLReader.depthMax - 2)).allSatisfy { !$0.contains("deeper") })
        #expect(problems(nested(YAMLReader.depthMax - 1)).contains { $0.contains("nested deeper than 16 levels") })
        #expect(problems(nested(100_000)).contains { $0.contains("nested deeper than 16 levels") })
        let comment = "#" + String(repeating: "x", count: YAMLReader.bytesMax - 1)
        #expect(problems(comment) == [])
        #expect(problems(comment + "x") == ["f:1:1: larger than 1048576 bytes"])
    }

    @Test func everyProblemIsReportedAtOnce() {
        let yaml = """
            public: { port: x, address: y }
            nothing: 1
            dynamics: { keys: [a, [b], {c: d}] }
            log: &a { level: loud }
            """
        let told = problems(
            yaml,
            ["ONEWAY_MARKETO_CALLS_PER_DAY": "many", "ONEWAY_STORE": "s", "ONEWAY_STORE_FILE": "s"]
        )
        #expect(told.count == 9, "\(told)")
    }

    @Test func noProblemRepeatsAValue() {
        let secret = "hunter2-hunter2"
        var told: [String] = []
        for key in Schema.keys {
            for value in ["\(secret)\\n", "[\"\(secret)\\n\"]", "{\"\(secret)\": \"\(secret)\\n\"}"] {
                let json = value.hasPrefix("[") || value.hasPrefix("{") ? value : "\"\(value)\""
                let parts = key.name.split(separator: ".")
                let yaml = parts.reversed().reduce(json) { "{\"\($1)\": \($0)}" }
                told += problems(yaml, toServe: true) + problems("", [key.variable: value.replacing("\\n", with: "\n")])
            }
        }
        #expect(told.count > 300)
        #expect(told.allSatisfy { !$0.contains("hunter2") })
    }

    @Test(arguments: [
        ("", "configuration: dynamics.keys: no accepted key; set dynamics.keys, dynamics.headers, or dynamics.query"),
        (
            "dynamics:\n  keys: []",
            "f:2:9: dynamics.keys: no accepted key; set dynamics.keys, dynamics.headers, or dynamics.query"
        ),
        (
            "dynamics: { headers: { x: [] } }",
            "configuration: dynamics.keys: no accepted key; set dynamics.keys, dynamics.headers, or dynamics.query"
        ),
        (
            "dynamics:\n  anonymous: true",
            "f:2:14: dynamics.anonymous: allowed only with a loopback public.address, such as 127.0.0.1"
        ),
        ("dynamics: { keys: one }", "f:1:19: dynamics.keys: expected a list such as [one, two], found text"),
    ])
    func servingNeedsAnAcceptedKey(yaml: String, says: String) {
        #expect(problems(yaml, toServe: true) == [says])
        #expect(problems(yaml, toServe: false).allSatisfy { !$0.contains("accepted key") && !$0.contains("loopback") })
    }

    @Test(arguments: [
        "dynamics: { keys: [a] }", "dynamics: { headers: { x: a } }", "dynamics: { query: { x: [a, b] } }",
        "public: { address: 127.0.0.1 }\ndynamics: { anonymous: true }",
        "public: { address: '::1' }\ndynamics: { anonymous: on }",
    ])
    func servingIsContentWithAnyOfThem(yaml: String) {
        #expect(problems(yaml, toServe: true) == [])
    }

    @Test func aConnectionIsGivenWholeOrNotAtAll() {
        let keys = "dynamics: { keys: [a] }\nmarketo: { clientId: b }"
        #expect(
            problems(keys, toServe: true) == [
                "configuration: marketo.endpoint: missing; marketo needs it",
                "configuration: marketo.clientSecret: missing; marketo needs it",
            ]
        )
        #expect(problems(keys, toServe: false) == [])
    }

    /// Names and addresses of users are in no notification.
    @Test func salesPersonsNeedTheConnectionToDynamics() {
        let yaml = "dynamics: { keys: [a] }\nmarketo:\n  salesPersons: true\n"
        let says = "needs dynamics.webApi, from which names and addresses of users are read"
        #expect(problems(yaml, toServe: true) == ["f:3:17: marketo.salesPersons: \(says)"])
        #expect(problems(yaml, toServe: false) == [])
        let webApi = "{ url: 'https://a.b', tenant: a.b, clientId: a, clientSecret: b }"
        #expect(
            problems("dynamics: { keys: [a], webApi: \(webApi) }\nmarketo: { salesPersons: true }", toServe: true) == []
        )
    }

    private static let webApis: [(String, [String])] = [
        (
            "{ concurrentRequests: 1 }",
            ["url", "tenant", "clientId", "clientSecret"].map { "\($0): missing; webApi needs it" }
        ),
        ("{ url: 'https://a.b', tokenUrl: 'https://c.d', clientId: a, clientSecret: b }", []),
        (
            "{ url: 'https://a.b', tenant: a.b, tokenUrl: 'https://c.d', clientId: a, clientSecret: b }",
            ["tokenUrl: given beside dynamics.webApi.tenant; remove one of them"]
        ),
    ]

    @Test(arguments: webApis) func theConnectionToDynamicsIsGivenWhole(webApi: String, expected: [String]) {
        let yaml = "dynamics: { keys: [a], webApi: \(webApi) }"
        let told = problems(yaml, toServe: true).filter { !$0.contains("this version cannot connect") }
        #expect(told.map { $0.split(separator: "dynamics.webApi.", maxSplits: 1).last.map(String.init) } == expected)
        #expect(problems(yaml, toServe: false) == [])
    }

    @Test func oddThingsAreOnlyWarnedAbout() throws {
        let yaml = """
            public: { address: 127.0.0.1 }
            admin: { token: short }
            dynamics: { keys: [0123456789abcdef, fifteen-letters], anonymous: true }
            fields: { estimatedvalue: amount }
            """
        #expect(
            try warnings(yaml, ["ONEWAY_STOR": "x", "ONEWAY_SERVICE_HOST": "y", "OTHER": "z"], toServe: true) == [
                "f:4:11: fields: amount follows the rules; this line changes nothing",
                "ONEWAY_SERVICE_HOST: no such setting", "ONEWAY_STOR: no such setting; did you mean ONEWAY_STORE?",
                "f:3:19: dynamics.keys: shorter than 16 characters; try: openssl rand -hex 32",
                "f:2:17: admin.token: shorter than 16 characters; try: openssl rand -hex 32",
                "f:3:67: dynamics.anonymous: has no effect: accepted keys are configured, so one is required",
                "configuration: marketo.endpoint: not set: everything is kept, nothing is forwarded",
            ]
        )
    }
}
