import Configuration
import OnewayCore
import Store
import Telemetry
import Testing
import Threads

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Reading
@testable import Service

@Suite struct ImporterTests {
    let store = MemoryStore()
    let contact = GUID(ProjectorTests.contact) ?? .zero
    let account = GUID(ProjectorTests.account) ?? .zero

    private func take(_ lines: String..., log: Log = Log(level: .error, format: .json, sink: { _ in })) async throws
        -> JSONValue
    {
        let applier = ApplyingRig(store).applier(log: log)
        let importer = Importer(
            store: store,
            projector: ApplyingRig(store).projector,
            statements: Statements { applier.writer },
            now: { ProjectorTests.now }
        )
        return try JSONDocument(await importer.take(Array(lines.joined(separator: "\n").utf8)).encoded).root
    }

    private func wanted() async throws -> [DeliveryKey: JSONValue] {
        let items = try await store.outbox(OutboxFilter(), after: nil, limit: 100)
        return Dictionary(
            uniqueKeysWithValues: try items.map { ($0.key, try JSONDocument($0.state.desired ?? []).root) }
        )
    }

    @Test func tellsTheAccountThatNobodyElseTells() async throws {
        try await ApplyingRig(store).take(ProjectorTests.opportunity(1))
        let opportunity = DeliveryKey(.opportunity, "\(ProjectorTests.id(1))")
        #expect(try await wanted()[opportunity]?["externalCompanyId"] == nil)
        let answer = try await take(
            #"{"contact": "\#(contact)", "account": "\#(account)", "email": "a@b.example"}"#,
            "",
            #"{"account": "\#(account)", "name": "Harbour Lights"}"#
        )
        #expect(answer["imported"]?.int == 2)
        #expect(answer["changed"]?.int == 2)
        while try await ApplyingRig(store).applier().applyNext() {}
        #expect(try await wanted()[opportunity]?["externalCompanyId"]?.string == "\(account)")
        #expect(try await wanted()[DeliveryKey(.company, "\(account)")]?["company"]?.string == "Harbour Lights")
        #expect(try await take(#"{"account": "\#(account)", "name": "Harbour Lights"}"#)["imported"]?.int == 1)
    }

    /// Told again later, the same values are no changes; others are.
    @Test func twiceChangesNothing() async throws {
        let later = Timestamp(second: ProjectorTests.now.second + 60)
        let applier = ApplyingRig(store).applier()
        func importer(_ now: Timestamp) -> Importer {
            Importer(
                store: store,
                projector: ApplyingRig(store).projector,
                statements: Statements { applier.writer },
                now: { now }
            )
        }
        func changed(_ name: String, _ now: Timestamp) async throws -> Int? {
            let line = #"{"account": "\#(account)", "name": "\#(name)"}"#
            return try JSONDocument(await importer(now).take(Array(line.utf8)).encoded).root["changed"]?.int
        }
        #expect(try await changed("Harbour", ProjectorTests.now) == 1)
        #expect(try await changed("Harbour", later) == 0)
        #expect(try await changed("Harbour Lights", later) == 1)
    }

    /// Without any notification from Dynamics in between, records that an import affects are still sent.
    @Test func theServicePassesOnWhatAnImportReaches() async throws {
        try await AppTests.withApp(store: .memory) { ports in
            let opportunity = String(decoding: ProjectorTests.opportunity(1).bytes, as: UTF8.self)
            #expect(try await AppTests.ask("POST", ports.public, AppTests.door, opportunity).status == 202)
            try await until(ports) { $0.contains("oneway_inbox_unapplied 0\n") }
            let line = #"{"contact": "\#(contact)", "account": "\#(account)"}"#
            #expect(try await AppTests.ask("POST", ports.admin, "/api/import", line).members["changed"] as? Int == 1)
            try await until(ports) { $0.contains("oneway_stale_records 0\n") }
            let outbox = try await AppTests.ask("GET", ports.admin, "/api/outbox?kind=company")
            #expect(outbox.items.map { $0["key"] as? String } == ["\(account)"])
        }
    }

    @Test func itWaitsWhileMuchIsStillToBePassedOn() async throws {
        let (store, projector) = (store, ApplyingRig(store).projector)
        var earlier = Application(basis: try await store.mirrorVersion())
        earlier.stale = (1...2 * Importer.staleMax).map { StaleRecord(RecordKey(.contact, .number($0))) }
        try await store.leader.apply(earlier, now: ProjectorTests.now)
        let (key, isTooSoon) = (RecordKey(.account, account), Locked(false))
        let log = Log(level: .error, format: .json, sink: { _ in })
        let applier = Applier(
            store: store.leader,
            policy: ApplierTests.policy,
            rules: projector.add,
            rest: { _, step throws(StoreError) in
                let isImported = try await !store.records([key]).isEmpty
                let isMuchLeft = try await store.status().stale > Importer.staleMax + 1
                if isImported && isMuchLeft { isTooSoon.withLock { $0 = true } }
                step.fresh = try await store.stale(limit: 500).map(\.key)
                return !step.fresh.isEmpty
            },
            now: { ProjectorTests.now },
            log: log
        )
        let importer = Importer(
            store: store,
            projector: projector,
            statements: Statements { applier.writer },
            now: { ProjectorTests.now }
        )
        let began = ContinuousClock.now
        async let applying: Void = applier.run()
        _ = try await importer.take(Array(#"{"account": "\#(account)", "name": "Harbour Lights"}"#.utf8))
        let isPatienceOver = ContinuousClock.now - began >= Importer.patience
        await applier.stop()
        await applying
        while try await applier.applyNext() {}
        #expect(!isTooSoon.withLock { $0 } || isPatienceOver)
    }

    private struct TooLate: Error {}

    /// Polls, because there is no signal over HTTP.
    private func until(_ ports: App.Ports, _ isSo: (String) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !isSo(AppTests.ask("GET", ports.admin, "/metrics").body) {
            if ContinuousClock.now > deadline { throw TooLate() }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// As after a notification: all that it made wanted has the number of its step.
    @Test func theLogTellsWhatItMadeWanted() async throws {
        try await ApplyingRig(store).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1)
        )
        let written = Locked<[String]>([])
        let note: @Sendable ([UInt8]) -> Void = { line in
            written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        let log = Log(level: .debug, format: .json, sink: note)
        _ = try await take(#"{"account": "\#(account)", "name": "Harbour Lights"}"#, log: log)
        let lines = try written.withLock { $0 }.map { try JSONDocument(Array($0.utf8)).root }
        #expect(lines.first?["message"]?.string == "imported a record")
        #expect(lines.first?["record"]?.string == "\(account)")
        #expect(lines.contains { $0["message"]?.string == "desired in Marketo" && $0["kind"]?.string == "company" })
        #expect(Set(lines.map { $0["step"]?.int }).count == 1)
        #expect(!written.withLock { $0 }.contains { $0.contains("Harbour") })
    }

    @Test func theStatusPageShowsWhatOnlyAnImportCanSupply() async throws {
        try await ForwardingRig.run(store: store) { rig in
            let warnings = {
                try await ApplyingRig(store).api(rig.forwarding).warnings().filter { $0.contains("oneway import") }
            }
            #expect(try await warnings().isEmpty)
            try await ApplyingRig(store).take(ProjectorTests.opportunity(1))
            #expect(try await warnings().first?.hasPrefix("1 customer is a contact whose account") == true)
            _ = try await take(#"{"contact": "\#(contact)", "account": null}"#)
            #expect(try await warnings().isEmpty, "it is known that there is none")
        }
    }

    @Test func neverWinsAgainstWhatDynamicsTold() async throws {
        try await ApplyingRig(store).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1)
        )
        let other = ProjectorTests.id(77)
        _ = try await take(#"{"contact": "\#(contact)", "account": "\#(other)"}"#)
        while try await ApplyingRig(store).applier().applyNext() {}
        let opportunity = try #require(try await wanted()[DeliveryKey(.opportunity, "\(ProjectorTests.id(1))")])
        #expect(opportunity["externalCompanyId"]?.string == "\(account)")
    }

    @Test func keepsNothingThatIsNotSelected() async throws {
        _ = try await take(#"{"contact": "\#(contact)", "email": "a@b.example"}"#)
        let record = try await store.records([RecordKey(.contact, contact)]).values.first
        #expect(record?["emailaddress1"] == nil, "the lead is found by the contact's id here")
    }

    @Test(arguments: [
        (#"{"contact": "x"}"#, "Line 2: `contact` should be a GUID"), ("{", "Line 2: not JSON"),
        ("[]", "Line 2: this should be an object"),
        (#"{"contact": "00000000-0000-0000-0000-000000000001", "name": "x"}"#, "Line 2: there is no `name` here"),
        (#"{"account": "00000000-0000-0000-0000-000000000001", "name": 5}"#, "Line 2: `name` should be text or null"),
    ])
    func aLineThatCannotBeReadRefusesAllAndIsNamed(line: String, says: String) async throws {
        let problem = await #expect(throws: Problem.self) {
            try await take(#"{"account": "\#(account)", "name": "x"}"#, line)
        }
        #expect(problem?.detail.hasPrefix(says) == true, "\(problem?.detail ?? "")")
        let kept = try await store.records([RecordKey(.account, account)])
        #expect(kept.isEmpty)
    }

    @Test func whatTheFileSaysLastOfOneCounts() async throws {
        let other = try #require(GUID(ProjectorTests.id(78)))
        _ = try await take(
            #"{"contact": "\#(contact)", "account": null}"#,
            #"{"contact": "\#(contact)", "email": "a@b.example"}"#,
            #"{"account": "\#(other)", "name": null}"#
        )
        let records = try await store.records([RecordKey(.contact, contact), RecordKey(.account, other)])
        #expect(records[RecordKey(.contact, contact)]?["parentcustomerid"] == .null)
        #expect(records[RecordKey(.account, other)]?["name"] == .null)
    }
}
