import Configuration
import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Sandbox
@testable import Service
@testable import oneway

/// `oneway load FILE...`: a company without a connection to Dynamics, from its exported files into Marketo.
@Suite struct LoadFilesTests {
    private static let (account, contact) = (GUID(high: 0xA0, low: 1), GUID(high: 0xC0, low: 1))
    private static let role = GUID(high: 0xB0, low: 1)

    private static func opportunity(_ number: Int) -> GUID { GUID(high: 0x10, low: UInt64(number)) }

    /// Some files in a folder of their own.
    private static func withFiles(_ files: [String: String], _ body: ([String: String]) async throws -> Void)
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var paths: [String: String] = [:]
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            paths[name] = file.path
        }
        try await body(paths)
    }

    private static func service(_ ports: App.Ports) -> RunningService {
        RunningService(ServiceEndpoint(host: "127.0.0.1", port: ports.admin), token: nil)
    }

    /// As CSV with a text over two lines, as JSON lines of the Web API, and with semicolons: each with its own names.
    private static let company = [
        "opportunities.csv": """
        opportunityid,name,customerid,customeridtype,statecode,estimatedvalue,createdon,modifiedon,description
        \(opportunity(1)),"Harbour, phase 1",\(account),account,0,1000.50,2026-01-02T08:00:00Z,2026-01-03T08:00:00Z,"two
        lines"
        \(opportunity(2)),Lights,\(contact),contact,0,,2026-01-02T08:00:00Z,2026-01-03T08:00:00Z,
        """,
        "connections.jsonl": """
        {"connectionid":"\(GUID(high: 0xD0, low: 1))","_record1id_value":"\(opportunity(1))",\
        "_record1id_value@Microsoft.Dynamics.CRM.lookuplogicalname":"opportunity","_record2id_value":"\(contact)",\
        "_record2id_value@Microsoft.Dynamics.CRM.lookuplogicalname":"contact","_record2roleid_value":"\(role)",\
        "_record2roleid_value@OData.Community.Display.V1.FormattedValue":"Champion","statecode":0,\
        "createdon":"2026-01-02T08:00:00Z","modifiedon":"2026-01-03T08:00:00Z"}

        """,
        "contacts.csv": "contactid;parentcustomerid;parentcustomeridtype;modifiedon\r\n"
            + "\(contact);\(account);account;2026-01-03T08:00:00Z\r\n",
        "accounts.csv": "accountid,name\n\(account),Harbour Lights\n",
    ]

    /// Rows with and without `modifiedon`; the second time, some seconds later or not, changes nothing.
    @Test func aCompanyArrivesInMarketo() async throws {
        var options = SandboxOptions()
        options.autoLeads = true
        try await withSandbox(options) { sandbox, marketo in
            let change: (inout Configuration) -> Void = {
                $0.marketo = marketo
                $0.rules.roleNames = ["\(Self.role)": "Champion"]
            }
            try await AppTests.withApp(store: .memory, change) { ports in
                try await Self.withFiles(Self.company) { paths in
                    let order = Locked<[String]>([])
                    let service = Self.service(ports)
                    // Named in the wrong order.
                    let names = ["opportunities.csv", "connections.jsonl", "contacts.csv", "accounts.csv"]
                    let files = names.compactMap { paths[$0] }
                    let all = try await LoadFiles.load(files, service) { path, counts in
                        order.withLock { $0.append("\(URL(fileURLWithPath: path).lastPathComponent) \(counts.rows)") }
                    }
                    #expect(all == LoadFiles.Counts(rows: 5, changed: 5))
                    #expect(
                        order.withLock { $0 } == [
                            "accounts.csv 1", "contacts.csv 1", "connections.jsonl 1", "opportunities.csv 2",
                        ]
                    )
                    try await Self.until(ports) { $0 == 5 }
                    let first = try await AppTests.ask("GET", ports.admin, "/api/opportunities/\(Self.opportunity(1))")
                    let items = first.members["items"] as? [[String: Any]] ?? []
                    let desired = items.compactMap { $0["desired"] as? [String: Any] }
                    let texts = [desired.first?["name"] as? String, desired.first?["description"] as? String]
                    #expect(texts == ["Harbour, phase 1", "two\nlines"])
                    #expect(desired.contains { $0["externalCompanyId"] as? String == "\(Self.account)" })
                    #expect(desired.contains { $0["role"] as? String == "Champion" }, "\(desired)")
                    let again = try await LoadFiles.load(files, service) { _, _ in }
                    #expect(again == LoadFiles.Counts(rows: 5, changed: 0), "a second time changes nothing")
                }
            }
        }
    }

    /// Until so many records are settled in Marketo: an account, two opportunities, two roles.
    private static func until(_ ports: App.Ports, _ isEnough: (Int) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let status = try await AppTests.ask("GET", ports.admin, "/api/status")
            let settled = (status.members["outbox"] as? [String: Any])?["settled"] as? Int ?? 0
            if isEnough(settled) { return }
            try #require(ContinuousClock.now < deadline, "\(status.body)")
        }
    }

    /// The bad line is named as the file has it, also after a part and a text of several lines; what came before counts.
    @Test func aBadLineIsNamed() async throws {
        var text = "accountid,name,modifiedon\n\(Self.opportunity(0)),\"two\nlines\",\n"
        for number in 1...1_500 { text += "\(Self.opportunity(number)),a,2026-01-03T08:00:00Z\n" }
        let bad = ["time.csv": text + "\(Self.opportunity(1_501)),b,yesterday\n", "fields.csv": text + "only one\n"]
        try await AppTests.withApp(store: .memory) { ports in
            try await Self.withFiles(bad) { paths in
                let service = Self.service(ports)
                func failure(_ name: String) async throws -> String {
                    let path = try #require(paths[name])
                    do {
                        _ = try await LoadFiles.load([path], service) { _, _ in }
                        return "none"
                    } catch let failed as Failed { return failed.says.replacing(path, with: name) }
                }
                let time = try await failure("time.csv")
                #expect(time.contains("Line 1504: `modifiedon` should be a time in UTC"), "\(time)")
                #expect(time.contains("What comes before line 1003 was."), "\(time)")
                let fields = try await failure("fields.csv")
                #expect(fields == "fields.csv, line 1504: 1 field, but the first line has 3.")
            }
        }
    }

    @Test func whatCannotBeMeantIsRefused() throws {
        for (words, says) in [
            (["load", "a.csv", "--dry-run"], "`--dry-run` is for a load from Dynamics itself, not for files."),
            (
                ["load", "--since", "2026-01-01", "a.csv"],
                "`--since` is for a load from Dynamics itself, not for files."
            ),
        ] {
            #expect { _ = try Invocation(words) } throws: { ($0 as? UsageError)?.says == says }
        }
        guard case .loadFiles(let options) = try Invocation(["load", "a.csv", "b.csv", "--json"]) else {
            Issue.record("not understood")
            return
        }
        #expect(options.files == ["a.csv", "b.csv"] && options.isJSON)
    }
}
