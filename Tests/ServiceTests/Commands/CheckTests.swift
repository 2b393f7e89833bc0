import Configuration
import Foundation
import Glibc
import OnewayCore
import Store
import TestSupport
import Testing
import Threads

@testable import Applying
@testable import Service
@testable import oneway

/// `oneway check`: each line, and the remedy where there has to be one.
@Suite struct CheckTests {
    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }

    private static func lines(_ variables: [String: String], isFull: Bool = false) async -> [CheckLine] {
        var environment = ["ONEWAY_PUBLIC_PORT": "0", "ONEWAY_ADMIN_PORT": "0", "ONEWAY_STORE": "memory"]
        environment["ONEWAY_DYNAMICS_KEYS"] = #"["a-key-of-a-decent-length"]"#
        environment.merge(variables) { $1 }
        let source = ConfigurationSource(path: nil, environment: environment)
        return await Check.lines(Check.Options(isFull: isFull), of: source)
    }

    private static func line(_ name: String, _ state: CheckLine.State, in lines: [CheckLine]) -> String? {
        lines.first { $0.name == name && $0.state == state }?.says
    }

    @Test func aWellConfiguredServicePasses() async throws {
        try await Self.withFolder { folder in
            let path = folder + "/oneway.db"
            let variables = ["ONEWAY_STORE": "sqlite:\(path)", "ONEWAY_LIMITS_DISK_FREE_MEGABYTES_MIN": "1"]
            let fresh = await Self.lines(variables)
            #expect(!fresh.contains { $0.state == .fails })
            #expect(
                Self.line("store", .passes, in: fresh)?.hasSuffix("does not exist yet; the service creates it") == true
            )
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "nothing is left behind")

            let store = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
            let running = await Self.lines(variables, isFull: true)
            #expect(Self.line("store", .passes, in: running)?.hasSuffix(", all of it read and intact") == true)
            #expect(running.contains { $0.name == "fsync" })
            await store.close()
        }
    }

    @Test func everythingWrongHasItsCure() async throws {
        try await Self.withFolder { folder in
            let path = folder + "/oneway.db"
            try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
            let cases: [([String: String], String, CheckLine.State, String)] = [
                (["ONEWAY_PUBLIC_PORT": "x"], "configuration", .fails, "ONEWAY_PUBLIC_PORT: public.port"),
                (["ONEWAY_DYNAMICS_KEYS": "[]"], "configuration", .fails, "no accepted key"),
                (["ONEWAY_DYNAMICS_KEYS": #"["short"]"#], "configuration", .warns, "shorter than 16 characters"),
                (["ONEWAY_STORE": "sqlite:\(path)"], "store", .fails, "corrupt"),
                (["ONEWAY_STORE": "sqlite:\(folder)/none/x.db"], "store", .fails, "does not exist or is not writable"),
                ([:], "store", .warns, "everything is lost"),
                (["ONEWAY_STORE": "postgresql://u@h/d"], "store", .fails, "PostgreSQL"),
                (["ONEWAY_INBOX_KEEP_DAYS": "2"], "retention", .warns, "kept for 2 days"),
                (
                    [
                        "ONEWAY_DYNAMICS_ANONYMOUS": "true", "ONEWAY_DYNAMICS_KEYS": "[]",
                        "ONEWAY_PUBLIC_ADDRESS": "127.0.0.1",
                    ], "keys", .warns, "dynamics.anonymous"
                ),
                (
                    ["ONEWAY_PUBLIC_ADDRESS": "192.0.2.1", "ONEWAY_PUBLIC_PORT": "18080"], "public", .fails,
                    "is not an address"
                ),
            ]
            for (variables, name, state, says) in cases {
                let lines = await Self.lines(variables)
                let found = lines.filter { $0.name == name && $0.state == state }
                #expect(found.contains { $0.says.contains(says) }, "\(variables): \(lines.map(\.text))")
                #expect(lines.allSatisfy { $0.state == .passes || $0.remedy?.isEmpty == false })
            }
        }
    }

    /// As docs/deploying.md computes it: 31 for three replicas, one more during an update, and three that are reserved.
    @Test(
        arguments: [
            (22, 3, false), (30, 3, false), (31, 3, true), (31, 4, false), (100, 3, true),
        ] as [(Int64, Int64, Bool)]
    )
    func connectionsAreCounted(admitted: Int64, reserved: Int64, isEnough: Bool) {
        let line = Check.connections(admitted, reserved: reserved)
        #expect((line == nil) == isEnough)
        #expect(isEnough || line?.says.hasSuffix("need \(28 + reserved)") == true)
    }

    /// Recognised by the certificate, whichever name it is for.
    @Test func aPortWithTLSIsOursByItsCertificate() async throws {
        try await Self.withFolder { folder in
            func certificate(_ name: String) -> [String: String] {
                let (file, key) = ("\(folder)/\(name).pem", "\(folder)/\(name).key")
                let made = Program.run([
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=\(name)", "-keyout", key, "-out", file,
                ])
                #expect(made.status == 0)
                return ["ONEWAY_PUBLIC_TLS_CERTIFICATE": file, "ONEWAY_PUBLIC_TLS_KEY": key]
            }
            let (ours, other) = (certificate("oneway.example"), certificate("other.example"))
            let tls = try ConfigurationSource(path: nil, environment: ours).read(toServe: false).configuration.public
                .tls
            try await AppTests.withApp(store: .memory, { $0.public.tls = tls }) { ports in
                let place = ["ONEWAY_ADMIN_PORT": "\(ports.admin)", "ONEWAY_PUBLIC_PORT": "\(ports.public)"]
                let known = await waited {
                    let lines = await Self.lines(place.merging(ours) { $1 })
                    return Self.line("public", .passes, in: lines)?.hasSuffix("with this certificate") == true
                }
                let stranger = await waited {
                    let line = await Self.lines(place.merging(other) { $1 }).first { $0.name == "public" }
                    return line?.state == .fails && line?.remedy?.contains("kill -HUP") == true
                }
                #expect(known != nil && stranger != nil)
            }
        }
    }

    @Test func portsAreOursFreeOrTaken() async throws {
        try await AppTests.withApp(store: .memory) { ports in
            // One that does not answer within five seconds is not known to be ours.
            let isOurs = await waited {
                let lines = await Self.lines([
                    "ONEWAY_ADMIN_PORT": "\(ports.admin)", "ONEWAY_PUBLIC_PORT": "\(ports.public)",
                ])
                return ["admin", "public"].allSatisfy {
                    Self.line($0, .passes, in: lines)?.hasSuffix("the service answers") == true
                }
            }
            #expect(isOurs != nil)
        }
        let stranger = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(stranger) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        unsafe address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(stranger, pointer, size)
                unsafe getsockname(stranger, pointer, &size)
            }
            return Int(UInt16(bigEndian: unsafe pointer.pointee.sin_port))
        }
        listen(stranger, 8)
        // It accepts the connection and sends something that is not HTTP.
        startThread {
            let caller = accept(stranger, nil, nil)
            _ = unsafe send(caller, "hello\r\n", 7, Int32(MSG_NOSIGNAL))
            close(caller)
        }
        let taken = await Self.lines(["ONEWAY_ADMIN_PORT": "\(port)"])
        #expect(Self.line("admin", .fails, in: taken)?.hasSuffix("is taken by another program") == true)
    }
}
