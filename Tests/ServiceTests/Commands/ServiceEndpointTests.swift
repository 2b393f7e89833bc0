import Foundation
import HTTPClient
import HTTPServer
import OnewayCore
import Service
import TestSupport
import Testing
import Threads

@testable import Configuration
@testable import oneway

/// Addresses of the service, as `--url` accepts them.
@Suite struct ServiceEndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1", 8081), ("http://localhost/", "localhost", 80),
        ("http://[::1]:9", "::1", 9), ("http://[::1]", "::1", 80), ("http://oneway.example", "oneway.example", 80),
    ])
    func addressesAreRead(url: String, host: String, port: Int) {
        #expect(ServiceEndpoint(url: url, secondsMax: 1) == ServiceEndpoint(host: host, port: port, secondsMax: 1))
    }

    @Test(
        arguments: [
            ("https://oneway.example", 443, nil, HTTPRequest.Trust.system),
            ("https://[::1]:8443/", 8443, "ca.pem", .authorities(file: "ca.pem")),
        ] as [(String, Int, String?, HTTPRequest.Trust)]
    )
    func secureAddressesAreRead(url: String, port: Int, authorities: String?, trust: HTTPRequest.Trust) {
        let endpoint = ServiceEndpoint(url: url, authorities: authorities, secondsMax: 1)
        #expect(endpoint?.port == port && endpoint?.trust == trust)
    }

    /// Against a real listener with a certificate of a private authority: trusted only if that is named.
    @Test func aPrivateAuthorityIsTrustedOnRequest() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, certificate) = (folder.path + "/key.pem", folder.path + "/certificate.pem")
        _ = Program.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
            "-out", certificate,
        ])
        try await AppTests.withApp(
            store: .memory,
            { $0.public.tls = Configuration.TLS(certificate: certificate, key: key) }
        ) { ports in
            let url = "https://127.0.0.1:\(ports.public)"
            let trusting = try #require(ServiceEndpoint(url: url, authorities: certificate, secondsMax: 20))
            #expect(try await trusting.send(.get, "/readyz").status == 200)
            let other = try #require(ServiceEndpoint(url: url, secondsMax: 20))
            await #expect(throws: Failed.self) { try await other.send(.get, "/readyz") }
        }
    }

    @Test(arguments: [
        "127.0.0.1:8081", "ftp://a", "http://", "https://", "https://a/b", "http://a:0", "http://a:65536", "http://a/b",
        "http://a b",
        "http://a:x",
        "http://a\r\nX: y",
    ])
    func invalidAddressesAreRefused(url: String) {
        #expect(ServiceEndpoint(url: url, secondsMax: 1) == nil)
    }
}
