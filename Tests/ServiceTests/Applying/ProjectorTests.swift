import Foundation
import OnewayCore
import Telemetry
import TestSupport
import Testing

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Intake
@testable import Reading
@testable import Store

/// From notifications to what Marketo should hold, through inbox, mirror, rules, and outbox.
@Suite struct ProjectorTests {
    static let now = Timestamp(milliseconds: 1_772_500_000_000)
    static let (account, other) = ("22220000-0000-0000-0000-000000000001", "22220000-0000-0000-0000-000000000002")
    static let (contact, winner) = ("33330000-0000-0000-0000-000000000001", "33330000-0000-0000-0000-000000000002")
    static let customerIsContact: (key: String, value: String) = ("customerid", Body.reference("contact", contact))

    let store = MemoryStore()

    @Test func r1AnOpportunityItsCompanyAndItsRoleAreWanted() async throws {
        let context = ApplyingRig(store)
        try await context.take(Self.opportunity(1), Self.contactOf(Self.account))
        let wanted = try await context.wanted()
        #expect(wanted.keys.sorted().map(\.kind) == [.company, .opportunity, .role])
        #expect(wanted[Self.key(1)]?.contains(#""externalCompanyId":"\#(Self.account)""#) == true)
    }

    @Test func r9WhenAContactMovesItsOpportunitiesFollow() async throws {
        let context = ApplyingRig(store)
        try await context.take(Self.contactOf(Self.account), Self.opportunity(1), Self.opportunity(2))
        try await context.take(Self.contactOf(Self.other, second: 60))
        for number in 1...2 {
            #expect(try await context.wanted()[Self.key(number)]?.contains(Self.other) == true)
        }
        #expect(try await store.status().stale == 0)
    }

    /// References to losers mean the winner, along the whole chain, and a cycle does not loop for ever.
    @Test func whenContactsMergeTheWinnerTakesTheirPlace() async throws {
        let context = ApplyingRig(store)
        try await context.take(Self.opportunity(1), Self.contactOf(Self.account))
        try await context.take(Self.contact(Self.winner, "parentcustomerid", Body.reference("account", Self.other)))
        try await context.take(Self.contact(Self.contact, "masterid", Body.reference("contact", Self.winner)))
        let key = DeliveryKey(.role, "\(Self.id(1))/\(Self.winner)/Customer")
        #expect(try await context.wanted()[key] != nil)
        #expect(try await context.wanted()[Self.key(1)]?.contains(Self.other) == true)
        let moved = Self.contact(Self.winner, "parentcustomerid", Body.reference("account", Self.account), second: 90)
        try await context.take(moved)
        #expect(try await context.wanted()[Self.key(1)]?.contains(Self.account) == true)
        try await context.take(
            Self.contact(Self.winner, "masterid", Body.reference("contact", Self.contact), second: 95)
        )
        #expect(try await store.status().stale == 0)
    }

    /// For any number of merges between the named record and the one that is meant.
    @Test func r9AMoveReachesThroughAWholeChainOfMerges() async throws {
        let context = ApplyingRig(store)
        let chain = (1...4).map { "33330000-0000-0000-0000-00000000000\($0)" }
        try await context.take(Self.opportunity(1))
        for (loser, winner) in zip(chain, chain.dropFirst()) {
            try await context.take(Self.contact(loser, "masterid", Body.reference("contact", winner)))
        }
        try await context.take(Self.contact(chain[3], "parentcustomerid", Body.reference("account", Self.other)))
        #expect(try await context.wanted()[Self.key(1)]?.contains(Self.other) == true)
    }

    /// A record in flight may be in Marketo by now, so an account not known yet is cleared.
    @Test func r4AnAccountUnderWayCountsAsAnothers() async throws {
        let context = ApplyingRig(store)
        let byAccount = ("customerid", Body.reference("account", Self.account))
        try await context.take(Self.opportunity(1, attributes: [byAccount]))
        _ = try await store.leader.claim(.opportunity, limit: 1, now: Self.now, until: Self.now)
        var moved = Self.opportunity(1)
        moved.second += 60
        try await context.take(moved)
        #expect(try await context.wanted()[Self.key(1)]?.contains(#""externalCompanyId":null"#) == true)
    }

    @Test func r13ACompanyFollowsItsAccountOnceNamed() async throws {
        let context = ApplyingRig(store)
        let key = DeliveryKey(.company, Self.account)
        try await context.take(Self.named(Self.account, "Contoso"))
        #expect(try await context.wanted()[key] == nil)
        try await context.take(Self.opportunity(1), Self.contactOf(Self.account))
        try await context.take(Self.named(Self.account, "Fabrikam", second: 60))
        #expect(try await context.wanted()[key]?.contains("Fabrikam") == true)
    }

    /// One names the account directly, the other through its contact, in one step.
    @Test func r13ACompanyHasItsNameWhicheverWayItIsFound() async throws {
        let context = ApplyingRig(store)
        try await context.take(Self.named(Self.account, "Contoso"), Self.contactOf(Self.account))
        let byAccount = ("customerid", Body.reference("account", Self.account))
        for number in 1...3 {
            try await context.append(
                Self.opportunity(number, attributes: number % 2 == 0 ? [byAccount] : [Self.customerIsContact])
            )
        }
        try await context.drain()
        #expect(try await context.wanted()[DeliveryKey(.company, Self.account)]?.contains("Contoso") == true)
    }

    @Test func r10AConnectionGivesARoleUntilItIsDeleted() async throws {
        let context = ApplyingRig(store)
        let connection = "44440000-0000-0000-0000-000000000001"
        var made = Body(message: "Create", entity: "connection", id: connection)
        made.attributes = [
            ("record1id", Body.reference("opportunity", Self.id(1))),
            ("record2id", Body.reference("contact", Self.contact)),
        ]
        try await context.take(made, Self.opportunity(1, attributes: []))
        let key = DeliveryKey(.role, "\(Self.id(1))/\(Self.contact)/Stakeholder")
        #expect(try await context.wanted()[key] != nil)
        var gone = Body(message: "Delete", entity: "connection", id: connection)
        gone.second += 60
        try await context.take(gone)
        #expect(try await context.wanted()[key] == nil)
        #expect(try await context.outbox()[key]?.state.reasons.first?.rule == "R10")
    }

    @Test func r11ADeletedOpportunityStaysAway() async throws {
        let context = ApplyingRig(store)
        try await context.take(Self.opportunity(1), Self.contactOf(Self.account))
        var gone = Body(message: "Delete", id: Self.id(1))
        gone.second += 60
        try await context.take(gone)
        var late = Self.opportunity(1, attributes: [("description", "\"late\"")])
        late.second += 90
        try await context.take(late)
        #expect(try await context.wanted().keys.map(\.kind) == [.company])
        #expect(try await context.outbox()[Self.key(1)]?.state.reasons.first?.rule == "R11")
    }

    @Test func r2ARefusedOpportunityIsNotWantedUntilItIsAllowed() async throws {
        let context = ApplyingRig(store)
        var made = Self.opportunity(1)
        made.message = "Create"
        try await context.take(Self.contactOf(Self.account))
        try await context.take(refused: made)
        #expect(try await context.wanted().isEmpty)
        #expect(try await context.outbox()[Self.key(1)]?.state.reasons.first?.rule == "R2")
        var allowed = MirrorRecord(RecordKey(.opportunity, try #require(GUID(Self.id(1)))))
        allowed.markAllowed(atSecond: Self.now.second)
        try await context.applier().apply(allowed)
        #expect(try await context.wanted().keys.sorted().map(\.kind) == [.company, .opportunity, .role])
    }

    /// Steps are small, so that others do not wait long, and a restart in the middle loses nothing.
    @Test func thousandsOfDependentsFollowInBoundedSteps() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("projector-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.db").path
        var store = try SQLiteStore(path: path)
        try await Self.fill(store, opportunities: 3_000)
        try await ApplyingRig(store).append(Self.contactOf(Self.other, second: 60))
        for _ in 0..<10 { _ = try await ApplyingRig(store).applier().applyNext() }
        #expect(try await store.status().stale == 1)
        let projector = Projector(store: store, book: RuleBook(RuleSettings()))
        var step = Application(basis: try await store.mirrorVersion())
        #expect(try await projector.followUp(limit: Projector.staleMax, &step))
        #expect(step.desired.filter { $0.key.kind == .opportunity }.count == Projector.opportunitiesMax)
        await store.close()

        store = try SQLiteStore(path: path)
        try await ApplyingRig(store).drain()
        #expect(try await store.status().stale == 0)
        let items = try await store.outbox(OutboxFilter(kind: .opportunity), after: nil, limit: 9_999)
        #expect(items.count == 3_000)
        #expect(items.allSatisfy { String(decoding: $0.state.desired ?? [], as: UTF8.self).contains(Self.other) })
        await store.close()
    }

    @Test func changedRulesProjectTheMirrorAgain() async throws {
        try await Self.fill(store, opportunities: 200)
        let settle = ApplyingRig(store)
        try await settle.projector.noticeChangedRules(store.leader, now: Self.now)
        try await settle.drain()
        let before = try await settle.outbox()
        try await settle.projector.noticeChangedRules(settle.store.leader, now: Self.now)
        #expect(try await store.jobs(.sweep, .running, limit: 1).isEmpty)

        var settings = RuleSettings()
        settings.customerRole = "Buyer"
        let context = ApplyingRig(store, settings)
        try await context.projector.noticeChangedRules(context.store.leader, now: Self.now)
        #expect(try await store.jobs(.sweep, .running, limit: 9).map(\.key) == [Sweep.opportunities.key])
        try await context.drain()
        let after = try await context.outbox()
        for (key, item) in before where key.kind != .role { #expect(after[key]?.state == item.state) }
        for (key, item) in after where key.kind == .role {
            #expect((item.state.desired != nil) == key.text.hasSuffix("/Buyer"))
        }
        #expect(after.keys.filter { $0.text.hasSuffix("/Buyer") }.count == 200)
    }

    @Test func everySettingOfTheRulesCountsAsAChange() {
        let members = Mirror(reflecting: RuleSettings()).children.compactMap(\.label)
        let canonical = String(decoding: NotedRules(RuleBook(RuleSettings())).bytes, as: UTF8.self)
        for member in members { #expect(canonical.contains("\"\(member)\":"), "\(member)") }
    }

    /// R7 through inbox, mirror, rules, and outbox.
    @Test(arguments: UInt64(0)..<200)
    func r7TheOrderOfArrivalNeverShowsInTheOutbox(seed: UInt64) async throws {
        var random = Seeded(seed)
        let bodies = (0..<24).map { Body.random(number: $0, using: &random) }
        var settings = RuleSettings()
        if seed % 2 == 1 { (settings.linksPeople, settings.formContactRole) = (true, "Influencer") }
        settings.sendsSalesPersons = seed % 3 == 0
        var results: [[DeliveryKey: String]] = []
        for round in 0..<3 {
            let order = round == 0 ? bodies : (bodies + bodies.prefix(8)).shuffled(using: &random)
            results.append(try await Self.outcome(of: order, in: MemoryStore(), settings, &random))
        }
        #expect(results[0] == results[1], "seed \(seed)")
        #expect(results[0] == results[2], "seed \(seed)")
    }

    @Test(arguments: UInt64(2_000)..<2_004)
    func r7TheOrderOfArrivalNeverShowsInAnOutboxOnDisk(seed: UInt64) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("projector-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = Seeded(seed)
        let bodies = (0..<40).map { Body.random(number: $0, using: &random) }
        let expected = try await Self.outcome(of: bodies, in: MemoryStore(), RuleSettings(), &random)
        let store = try SQLiteStore(path: folder.appendingPathComponent("a.db").path)
        #expect(
            try await Self.outcome(of: bodies.shuffled(using: &random), in: store, RuleSettings(), &random) == expected
        )
        await store.close()
    }
}

extension ProjectorTests {
    /// A company is never deleted, so one that was named only in between may exist or not, and with it the links of its
    /// people.
    private static func outcome(
        of bodies: [Body],
        in store: any Store,
        _ settings: RuleSettings = RuleSettings(),
        _ random: inout Seeded
    ) async throws -> [DeliveryKey: String] {
        let context = ApplyingRig(store, settings)
        for body in bodies {
            if body.message == "Create", body.entity == "opportunity" {
                try await context.append(body, .refused)
            } else {
                try await context.append(body)
            }
            if Int.random(in: 0..<5, using: &random) == 0 { _ = try await context.applier().applyNext() }
        }
        try await context.drain()
        let wanted = try await context.wanted()
        let named = wanted.filter { $0.key.kind == .opportunity }.map(\.value)
        return wanted.filter { key, record in
            switch key.kind {
            case .opportunity, .role: true
            case .company, .salesPerson: named.contains { $0.contains(key.text) }
            case .person:
                RecordMembers(Array(record.utf8)).text("externalCompanyId").map { company in
                    named.contains { $0.contains(company) }
                } ?? false
            }
        }
    }

    private static func fill(_ store: any Store, opportunities: Int) async throws {
        let context = ApplyingRig(store)
        try await context.append(contactOf(account))
        for number in 1...opportunities { try await context.append(opportunity(number)) }
        try await context.drain()
    }

    static func id(_ number: Int) -> String {
        "11110000-0000-0000-0000-" + String(String(1_000_000_000_000 + number).dropFirst())
    }

    static func key(_ number: Int) -> DeliveryKey { DeliveryKey(.opportunity, id(number)) }

    static func opportunity(
        _ number: Int,
        attributes: [(key: String, value: String)] = [customerIsContact]
    ) -> Body {
        Body(id: id(number), attributes: [("name", "\"Pumps \(number)\"")] + attributes)
    }

    static func contact(_ id: String, _ column: String, _ value: String, second: Int64 = 0) -> Body {
        var body = Body(entity: "contact", id: id, attributes: [(column, value)])
        body.second += second
        return body
    }

    static func contactOf(_ account: String, second: Int64 = 0) -> Body {
        contact(contact, "parentcustomerid", Body.reference("account", account), second: second)
    }

    static func named(_ account: String, _ name: String, second: Int64 = 0) -> Body {
        var body = Body(entity: "account", id: account, attributes: [("name", "\"\(name)\"")])
        body.second += second
        return body
    }
}
