import Testing

@testable import Configuration

/// The configuration in the image, the compose files and the manifests is valid in this version.
@Suite struct ContainerTests {
    static let secrets = [
        "ONEWAY_DYNAMICS_HEADERS": #"{"x-oneway-key": ["a-long-enough-webhook-key"]}"#,
        "ONEWAY_ADMIN_TOKEN": "a-long-enough-token", "ONEWAY_MARKETO_CLIENT_SECRET": "secret",
    ]

    @Test func theImageServesOnceAKeyIsGiven() throws {
        let loaded = try Configuration.read(
            Array(ExampleTests.text("docker/oneway.yaml").utf8),
            environment: ["ONEWAY_DYNAMICS_KEYS": #"["a-long-enough-webhook-key"]"#]
        )
        #expect(loaded.configuration.store == .sqlite(path: "oneway.db"))
    }

    @Test func theProfileForTryingServes() throws {
        let loaded = try Configuration.read(Array(ExampleTests.text("docker/try.yaml").utf8))
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.configuration.marketo.endpoint == "http://127.0.0.1:8082")
    }

    @Test func theConfigMapServesWithItsSecret() throws {
        let lines = try ExampleTests.text("docker/kubernetes/configmap.yaml").split(separator: "\n")
        let begin = try #require(lines.firstIndex(of: "  oneway.yaml: |"))
        let file = lines[(begin + 1)...].map { $0.dropFirst(4) }.joined(separator: "\n")
        let loaded = try Configuration.read(Array(file.utf8), environment: Self.secrets)
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.configuration.store == .sqlite(path: "/data/oneway.db"))
    }

    /// The Secret's address replaces the ConfigMap's file.
    @Test func theSecretOfSeveralReplicasIsAnAddress() throws {
        let lines = try ExampleTests.text("docker/kubernetes-cluster/secret.yaml").split(separator: "\n")
        let begin = try #require(lines.firstIndex(of: "  address: >-"))
        let address = lines[begin + 1].drop { $0 == " " }
        let environment = Self.secrets.merging(["ONEWAY_STORE": String(address)]) { $1 }
        let loaded = try Configuration.read(
            Array("marketo: { endpoint: https://a.mktorest.com, clientId: a }".utf8),
            environment: environment
        )
        guard case .postgreSQL(let read) = loaded.configuration.store else {
            Issue.record("\(loaded.configuration.store)")
            return
        }
        #expect(read.reveal().contains("sslmode=verify-full&sslrootcert=/etc/oneway-store/ca.pem"))
    }

    @Test(arguments: [
        "docker/compose.yaml", "docker/compose.host.yaml", "docker/kubernetes/statefulset.yaml",
        "docker/kubernetes-cluster/deployment.yaml",
    ])
    func everyVariableIsASetting(file: String) throws {
        // Variables of the files themselves, not of the service.
        let own: Set = ["IMAGE", "CONFIGURATION", "SECRETS", "HOST", "UPSTREAM", "UPSTREAMS"]
        let known = Set(Schema.keys.flatMap { [$0.variable, $0.fileVariable] })
        for line in try ExampleTests.text(file).split(separator: "\n") where !line.contains("#") {
            for word in line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
            where word.hasPrefix("ONEWAY_") && !own.contains(String(word.dropFirst(7))) {
                #expect(known.contains(String(word)), "\(file): \(word)")
            }
        }
    }
}
