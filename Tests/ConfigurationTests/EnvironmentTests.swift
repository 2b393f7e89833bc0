import Foundation
import Testing

@testable import Configuration

@Suite struct EnvironmentTests {
    @Test func theEnvironmentWins() throws {
        let read = try configuration("public: { port: 1, address: 10.0.0.1 }", ["ONEWAY_PUBLIC_PORT": "2"])
        #expect(read.public.port == 2)
        #expect(read.public.address.description == "10.0.0.1")
    }

    @Test func anEmptyVariableIsNotSet() throws {
        #expect(
            try configuration("public: { port: 1 }", ["ONEWAY_PUBLIC_PORT": "", "ONEWAY_NONE": ""]).public.port == 1
        )
    }

    @Test func nullTakesAValueAway() throws {
        let read = try configuration(
            "admin: { token: a-token }\nfields: { a: b }",
            ["ONEWAY_ADMIN_TOKEN": "null", "ONEWAY_FIELDS": "null"]
        )
        #expect(read.admin.token == nil)
        #expect(read.fields == nil)
    }

    @Test func listsAndMapsAreJSON() throws {
        let read = try configuration(
            "",
            [
                "ONEWAY_DYNAMICS_KEYS": #"["a\/b", "\u00e9", "tab\\t"]"#,
                "ONEWAY_FIELDS": #"{"new_region":{"field":"region","as":"choice","labels":{"1":"North"}}}"#,
            ]
        )
        #expect(read.dynamics.keys.map { $0.reveal() } == ["a/b", "é", #"tab\t"#])
        #expect(
            read.fields == [
                FieldMapping(column: "new_region", field: "region", conversion: .choice(labels: [1: "North"]))
            ]
        )
        #expect(
            problems("", ["ONEWAY_DYNAMICS_KEYS": "bare"]) == [
                "ONEWAY_DYNAMICS_KEYS: dynamics.keys: expected a list such as [one, two], found text"
            ]
        )
        #expect(
            problems("", ["ONEWAY_DYNAMICS_KEYS": "[1"]).first?.hasPrefix(
                "ONEWAY_DYNAMICS_KEYS: dynamics.keys: not YAML"
            ) == true
        )
    }

    @Test func textIsTakenAsItIs() throws {
        for secret in ["a: b", "#x", "&a", "*a", "!t", "{", "'", "\"", "- x", "%", "@", "`", "a #b", "yes", "0"] {
            #expect(
                try configuration("", ["ONEWAY_MARKETO_CLIENT_SECRET": secret]).marketo.clientSecret.reveal() == secret
            )
        }
    }

    @Test(
        arguments: [
            ("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("a #b: [\n", "a #b: ["),
            ("s3cret\n\n", nil), (" s3cret", nil), ("", ""), ("\n", ""), ("a\nb", nil),
        ] as [(String, String?)]
    )
    func aFileHoldsAValue(content: String, secret: String?) {
        let read = try? Configuration.read(
            nil,
            environment: ["ONEWAY_MARKETO_CLIENT_SECRET_FILE": "/run/x"],
            toServe: false,
            readFile: { path in path == "/run/x" ? Array(content.utf8) : [] }
        )
        // An empty file is null, which this key does not accept.
        #expect(read?.configuration.marketo.clientSecret.reveal() == (secret == "" ? nil : secret))
    }

    @Test func filesHoldListsToo() throws {
        let read = try Configuration.read(
            nil,
            environment: ["ONEWAY_DYNAMICS_KEYS_FILE": "keys"],
            readFile: { _ in Array("[\"one\", \"two\"]\n".utf8) }
        )
        #expect(read.configuration.dynamics.keys == [Secret("one"), Secret("two")])
    }

    @Test func unusableFilesAreReported() {
        #expect(
            problems("", ["ONEWAY_ADMIN_TOKEN_FILE": "gone"])
                == ["ONEWAY_ADMIN_TOKEN_FILE: admin.token: the file cannot be read: No such file"]
        )
        #expect(
            problems("", ["ONEWAY_ADMIN_TOKEN_FILE": "gone", "ONEWAY_ADMIN_TOKEN": "t"])
                == ["ONEWAY_ADMIN_TOKEN: admin.token: ONEWAY_ADMIN_TOKEN_FILE is set too; only one may be"]
        )
        let bytes = try? Configuration.read(
            nil,
            environment: ["ONEWAY_ADMIN_TOKEN_FILE": "x"],
            toServe: false,
            readFile: { _ in [0xff] }
        )
        #expect(bytes == nil)
    }
}

@Suite struct SourceTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID().uuidString)")

    private func write(_ text: String, _ name: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    @Test func canBeReadAgain() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let token = try write("first-token\n", "token")
        let path = try write("public: { port: 1 }\nlog: { level: debug }", "oneway.yaml")
        let source = ConfigurationSource(path: path, environment: ["ONEWAY_ADMIN_TOKEN_FILE": token])
        let first = try source.read(toServe: false).configuration
        #expect(first.admin.token == Secret("first-token"))
        _ = try write("second-token\n", "token")
        _ = try write("public: { port: 2, tls: { certificate: c, key: k } }\nlog: { level: debug }", "oneway.yaml")
        let (next, needRestart) = first.reloaded(from: try source.read(toServe: false).configuration)
        #expect(next.admin.token == Secret("second-token"))
        #expect(next.public.port == 1 && next.public.tls == nil)
        #expect(needRestart == ["public.port", "public.tls.certificate", "public.tls.key"])
    }

    @Test func aReloadInventsNothing() {
        let (next, needRestart) = Configuration().reloaded(from: Configuration())
        #expect(next == Configuration() && needRestart.isEmpty)
    }

    private static let whole = """
        public: { tls: { certificate: c, key: k } }
        dynamics: { webApi: { url: https://a.example, tenant: t.example, clientId: i, clientSecret: s } }
        alerts: { url: https://a.example/hook }
        """

    @Test func whatSIGHUPReloadsIsTaken() throws {
        let fresh = Self.whole.replacing(" c,", with: " c2,").replacing(": s ", with: ": s2 ")
            .replacing("/hook", with: "/hook2")
        let old = try configuration(Self.whole)
        let new = try configuration(fresh)
        let (next, needRestart) = old.reloaded(from: new)
        #expect(next == new && next != old && needRestart.isEmpty)
    }

    /// What works with it goes on with all that it had.
    @Test func aPartThatIsTakenOutStaysUntilARestart() throws {
        let whole = try configuration(Self.whole)
        let (next, needRestart) = whole.reloaded(from: Configuration())
        #expect(next == whole)
        #expect(
            needRestart == [
                "public.tls.certificate", "public.tls.key", "dynamics.webApi.url", "dynamics.webApi.tenant",
                "dynamics.webApi.clientId", "dynamics.webApi.clientSecret", "alerts.url",
            ]
        )
        let (none, named) = Configuration().reloaded(from: whole)
        #expect(none == Configuration() && named == needRestart)
    }

    @Test func aFileThatIsNotThereIsAProblem() {
        let source = ConfigurationSource(path: folder.path + "/none.yaml", environment: [:])
        let error = #expect(throws: Problems.self) { try source.read() }
        #expect(error?.description.hasSuffix("none.yaml cannot be read: No such file or directory") == true)
    }

    @Test func filesAreReadUpToABound() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let most = String(repeating: "x", count: Configuration.fileBytesMax)
        #expect(try Configuration.readFile(write(most, "most")).count == Configuration.fileBytesMax)
        let path = try write(most + "x", "more")
        #expect(throws: Unreadable.self) { try Configuration.readFile(path) }
        #expect(throws: Unreadable.self) { try Configuration.readFile(folder.path) }
        #expect(throws: Unreadable.self) { try Configuration.readFile("/dev/zero") }
        #expect(try Configuration.readFile("/dev/null").isEmpty)
    }
}
