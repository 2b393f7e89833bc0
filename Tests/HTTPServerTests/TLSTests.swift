import Foundation
import TestSupport
import Testing

@testable import HTTPServer

@Suite struct TLSTests {
    @Test func modernVersionsOnlyAndCertificatesAreReloaded() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificateFile, keyFile) = (folder.path + "/c.pem", folder.path + "/k.pem")
        try makeCertificate("first.example", certificateFile, keyFile)
        let certificate = try ServerCertificate(certificateFile: certificateFile, keyFile: keyFile)

        try await withServer(tls: certificate) { port, _ in
            let answer = try await run("curl", "-sk", "--data", "hello", "https://127.0.0.1:\(port)/a")
            #expect(answer.output == "5")
            for (version, works) in [("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
                let shake = try await run("openssl", "s_client", version, "-connect", "127.0.0.1:\(port)")
                #expect(shake.output.contains("CN = first.example") == works, "\(version)")
            }

            try makeCertificate("second.example", certificateFile, keyFile)
            try certificate.reload(certificateFile: certificateFile, keyFile: keyFile)
            let fresh = try await run("openssl", "s_client", "-connect", "127.0.0.1:\(port)")
            #expect(fresh.output.contains("CN = second.example"))

            let (otherFile, otherKeyFile) = (folder.path + "/c2.pem", folder.path + "/k2.pem")
            try makeCertificate("third.example", otherFile, otherKeyFile)
            try certificate.reload(certificateFile: otherFile, keyFile: otherKeyFile)
            let other = try await run("openssl", "s_client", "-connect", "127.0.0.1:\(port)")
            #expect(other.output.contains("CN = third.example"))

            try Data("nothing".utf8).write(to: URL(fileURLWithPath: keyFile))
            #expect(throws: HTTPServerError.self) {
                try certificate.reload(certificateFile: certificateFile, keyFile: keyFile)
            }
            let kept = try await run("openssl", "s_client", "-connect", "127.0.0.1:\(port)")
            #expect(kept.output.contains("CN = third.example"))
        }
    }

    @Test func filesThatAreMissingOrDoNotMatchAreSaid() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = ["c1", "k1", "c2", "k2"].map { folder.path + "/" + $0 }
        try makeCertificate("a.example", paths[0], paths[1])
        try makeCertificate("b.example", paths[2], paths[3])
        for (certificate, key, says) in [
            ("/nowhere.pem", paths[1], "No such file"), (paths[0], "/nowhere.pem", "No such file"),
            (paths[0], paths[3], "not a certificate and its key"),
            (paths[1], paths[1], "not a certificate and its key"),
        ] {
            let error = #expect(throws: HTTPServerError.self) {
                try ServerCertificate(certificateFile: certificate, keyFile: key)
            }
            #expect(error?.says.contains(says) == true, "\(error?.says ?? "")")
        }
    }
}

private func makeCertificate(_ name: String, _ certificateFile: String, _ keyFile: String) throws {
    let openssl = Program.run([
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=\(name)",
        "-keyout",
        keyFile,
        "-out",
        certificateFile,
    ])
    #expect(openssl.status == 0)
}
