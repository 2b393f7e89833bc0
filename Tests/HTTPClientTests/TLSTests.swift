import Foundation
import HTTPServer
import TestSupport
import Testing
import Threads

@testable import HTTPClient

@Suite struct TLSTests {
    @Test func onlyWhoIsVouchedForIsSpokenTo() async throws {
        let folder = try Folder()
        let (good, other) = (
            try await folder.certificate("good", "IP:127.0.0.1"), try await folder.certificate("b", "IP:127.0.0.1")
        )
        let elsewhere = try await folder.certificate("elsewhere", "DNS:elsewhere.example")
        let server = Answering { _ in Response(status: 200, body: Array("fine".utf8)) }

        try await withServer(server, tls: good.shown()) { port in
            let table: [(String?, Bool)] = [
                (good.file, true), (other.file, false), (nil, false), (folder.path + "/missing.pem", false),
                (good.key, false),
            ]
            for (authority, isTrusted) in table {
                let request = Self.request(port, authority)
                #expect(word(await makeTransport().send(request)) == (isTrusted ? "200 fine" : "not sent"))
            }
        }
        #expect(server.count == 1)

        try await withServer(server, tls: elsewhere.shown()) { port in
            let answer = await makeTransport().send(Self.request(port, elsewhere.file))
            guard case .notSent(let says) = answer else {
                Issue.record("\(word(answer))")
                return
            }
            #expect(says.contains("certificate") && !says.contains("secret-path"))
        }
        #expect(server.count == 1)
    }

    /// The same path with another authority in the file: no restart is needed.
    @Test func anAuthorityIsReadAgain() async throws {
        let folder = try Folder()
        let old = try await folder.certificate("old", "IP:127.0.0.1")
        let new = try await folder.certificate("new", "IP:127.0.0.1")
        let trusted = folder.path + "/trusted.pem"
        try old.copy(to: trusted)
        let server = Answering { _ in Response(status: 200, body: Array("fine".utf8)) }
        let transport = makeTransport(threads: 1)
        let shown = folder.path + "/shown.pem"
        try old.copy(to: shown, key: shown + ".key")
        let certificate = try ServerCertificate(certificateFile: shown, keyFile: shown + ".key")
        try await withServer(server, tls: certificate) { port in
            // On a new connection each time.
            let request = Self.request(port, trusted, isRepeatable: false)
            #expect(word(await transport.send(request)) == "200 fine")
            try new.copy(to: shown, key: shown + ".key")
            try certificate.reload(certificateFile: shown, keyFile: shown + ".key")
            #expect(word(await transport.send(request)) == "not sent")
            try new.copy(to: trusted)
            #expect(word(await transport.send(request)) == "200 fine")
        }
    }

    private static func request(_ port: Int, _ authority: String?, isRepeatable: Bool = true) -> HTTPRequest {
        TransportTests.request(
            "https://127.0.0.1:\(port)/secret-path",
            authority: authority,
            isRepeatable: isRepeatable
        )
    }
}

/// A temporary folder for one test.
final class Folder: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-client-\(UUID())").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Self-signed, so that it is its own authority.
    func certificate(_ name: String, _ alternative: String) async throws -> Certificate {
        let certificate = Certificate(file: "\(path)/\(name).pem", key: "\(path)/\(name).key")
        let arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(alternative)", "-keyout", certificate.key,
            "-out", certificate.file,
        ]
        let openssl = await onOwnThread { Program.run(arguments, errorsToo: true) }
        try #require(openssl.status == 0)
        return certificate
    }
}

struct Certificate {
    let file: String
    let key: String

    func shown() throws -> ServerCertificate { try ServerCertificate(certificateFile: file, keyFile: key) }

    func copy(to file: String, key: String? = nil) throws {
        for (from, to) in [(self.file, Optional(file)), (self.key, key)] {
            if let to { try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to)) }
        }
    }
}
