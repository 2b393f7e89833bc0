import Foundation
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Configuration
@testable import Service

/// What SIGHUP applies at once, and what the log says of the rest.
@Suite struct ReloadTests {
    @Test func otherFilesOfTheCertificateAreShownAndTheRestIsNamed() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-reload-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try await Self.certificate("first.example", in: folder)
        let second = try await Self.certificate("second.example", in: folder)
        let logged = Locked<[String]>([])
        let log = Log(
            level: .info,
            format: .json,
            sink: { line in logged.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        )
        try await AppTests.withApp(store: .memory, { $0.public.tls = first }, log: log) { app, ports in
            #expect(await Self.shown(ports.public).contains("CN = first.example"))
            let environment = [
                "ONEWAY_DYNAMICS_KEYS": #"["a-key-of-a-decent-length"]"#, "ONEWAY_ALERTS_URL": "http://127.0.0.1:1/",
                "ONEWAY_PUBLIC_TLS_CERTIFICATE": second.certificate, "ONEWAY_PUBLIC_TLS_KEY": second.key,
            ]
            app.reload(ConfigurationSource(path: nil, environment: environment))
            #expect(await Self.shown(ports.public).contains("CN = second.example"))
        }
        let lines = logged.withLock { $0 }
        #expect(lines.contains { $0.contains("secrets and certificates were read again") })
        let named = lines.filter { $0.contains("a changed setting needs a restart") }
        #expect(named.contains { $0.contains("alerts.url") })
        #expect(!named.contains { $0.contains("public.tls") || $0.contains("webApi") })
    }

    private static func certificate(_ name: String, in folder: String) async throws -> Configuration.TLS {
        let files = Configuration.TLS(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=\(name)", "-keyout", files.key, "-out", files.certificate,
        ]
        let made = await onOwnThread { Program.run(arguments).status }
        try #require(made == 0)
        return files
    }

    private static func shown(_ port: Int) async -> String {
        let shake = await onOwnThread { Program.run(["openssl", "s_client", "-connect", "127.0.0.1:\(port)"]).output }
        return String(decoding: shake, as: UTF8.self)
    }
}
