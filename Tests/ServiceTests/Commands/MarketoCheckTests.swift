import Configuration
import Foundation
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Applying
@testable import Forwarding
@testable import oneway

/// The output of `oneway check` and `oneway fields` for each state of Marketo.
@Suite struct MarketoCheckTests {
    private static func lines(
        _ marketo: Configuration.Marketo,
        _ change: (inout Configuration) -> Void = { _ in }
    ) async -> [CheckLine] {
        var settings = Configuration()
        settings.store = .memory
        settings.marketo = marketo
        change(&settings)
        let (asked, stored) = (
            await Check.marketo(settings, Check.Options()), await Check.delivered(settings, Check.Options())
        )
        return asked + stored
    }

    private static func states(_ lines: [CheckLine]) -> [String: CheckLine.State] {
        Dictionary(lines.map { ($0.name, $0.state) }) { first, second in first == .passes ? second : first }
    }

    @Test func allIsWell() async throws {
        try await withSandbox { marketo, settings in
            let lines = await Self.lines(settings)
            let passing = ["marketo", "quota", "opportunity", "role", "company", "lead", "fields", "lead field"]
            let states = Self.states(lines)
            #expect(passing.allSatisfy { states[$0] == .passes }, "\(lines.map(\.text))")
            #expect(states["CRM sync"] == .warns && states["people"] == .warns)
            #expect(marketo.measured.calls.count { !$0.isToken } == 5)
            #expect(marketo.history.all.isEmpty, "nothing is written")
        }
    }

    @Test func whatIsNotConfiguredIsSaid() async {
        let lines = await Self.lines(Configuration().marketo)
        #expect(lines.map(\.state) == [.warns] && lines.allSatisfy { $0.says.contains("nothing is forwarded") })
    }

    private static let permissions = [
        "opportunity": "Read-Write Opportunity", "role": "Read-Write Opportunity", "company": "Read-Write Company",
        "lead": "Read-Only Person",
    ]

    @Test func aMissingPermissionIsNamed() async throws {
        try await withSandbox { marketo, settings in
            marketo.set(.denied)
            let lines = await Self.lines(settings)
            let denied = lines.filter { $0.state == .fails }
            #expect(Set(denied.map(\.name)) == Set(Self.permissions.keys))
            for line in denied {
                let isNamed = line.remedy?.contains(Self.permissions[line.name] ?? "?") ?? false
                #expect(isNamed && line.says.contains("603"), "\(line.text)")
            }
            #expect(Self.states(lines)["marketo"] == .passes, "it answers, and returned a token")
        }
    }

    @Test func salesPersonsNeedAPermissionOfTheirOwn() async throws {
        try await withSandbox { marketo, settings in
            var settings = settings
            settings.salesPersons = true
            #expect(Self.states(await Self.lines(settings))["salesPerson"] == .passes)
            #expect(marketo.measured.calls.count { !$0.isToken } == 6)
            marketo.add(Fault(.error(code: "603"), path: "salespersons/describe"))
            let denied = await Self.lines(settings).filter { $0.state == .fails }
            #expect(denied.map(\.name) == ["salesPerson"], "\(denied.map(\.text))")
            #expect(denied[0].remedy?.contains("Read-Write Sales Person") == true)
        }
    }

    @Test func onlyWhatIsDeniedFails() async throws {
        try await withSandbox { marketo, settings in
            marketo.add(Fault(.error(code: "603"), path: "companies/describe"))
            let denied = await Self.lines(settings).filter { $0.state == .fails }
            #expect(denied.map(\.name) == ["company"], "\(denied.map(\.text))")
        }
    }

    @Test func badCredentialsAndSilenceAreDistinguished() async throws {
        try await withSandbox { marketo, settings in
            var wrong = settings
            wrong.clientSecret = Secret("another-secret")
            let refused = await Self.lines(wrong)
            #expect(refused.first?.state == .fails && refused.first?.remedy?.contains("clientSecret") == true)
            #expect(!refused.contains { $0.text.contains("another-secret") })
            marketo.set(.down)
            let silent = await Self.lines(settings)
            #expect(silent.first?.state == .fails && silent.first?.remedy?.contains("marketo.endpoint") == true)
            #expect(!silent.contains { $0.name == "opportunity" }, "one failure is reported once")
        }
    }

    @Test func aSpentQuotaIsAWarning() async throws {
        try await withSandbox { _, settings in
            var small = settings
            small.callsPerDay = 1
            let states = Self.states(await Self.lines(small))
            #expect(states["quota"] == .warns)
        }
    }

    @Test func theMappingIsHeldAgainstTheDescription() async throws {
        try await withSandbox { marketo, settings in
            marketo.add(Field("short", .string, length: 20), to: .opportunity)
            marketo.add(Field("locked", .string, updateable: false), to: .opportunity)
            let lines = await Self.lines(settings) {
                $0.fields = [
                    FieldMapping(column: "new_a", field: "nowhere"), FieldMapping(column: "new_b", field: "locked"),
                    FieldMapping(column: "new_c", field: "short"),
                    FieldMapping(column: "new_d", field: "closeDate", conversion: .dateTime),
                    FieldMapping(column: "new_e", field: "isClosed"),
                    FieldMapping(column: "new_f", field: "stage", conversion: .whole),
                ]
            }
            let told = lines.filter { $0.name == "fields" }
            #expect(told.map(\.state) == [.warns, .fails, .fails, .warns])
            let says = told.map(\.says)
            #expect(says[0] == "closeDate is sent as time, and Marketo's field is a date")
            #expect(says[1].contains("does not allow writing locked") && says[2].contains("no field nowhere"))
            #expect(says[3].contains("short takes 20 characters"))
        }
    }

    @Test func theLeadFieldHasToBeSearchable() async throws {
        try await withSandbox { marketo, settings in
            marketo.add(Field("crmPhone", .phone), to: .lead)
            for (field, says) in [("crmPhone", "cannot search leads"), ("crmId", "have no field crmId")] {
                let lines = await Self.lines(settings) { $0.marketo.lead.field = field }
                let line = try #require(lines.first { $0.name == "lead field" })
                #expect(line.state == .fails && line.says.contains(says), "\(line.text)")
                #expect(line.remedy?.contains("externalPersonId") == true)
            }
        }
    }

    @Test func theStoreShowsWhetherMarketoAcceptsWrites() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let store = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
        let desired = DesiredRecord.opportunity(1)
        try await withSandbox { _, settings in
            func state(_ name: String) async -> CheckLine.State? {
                Self.states(await Self.lines(settings) { $0.store = .sqlite(path: path) })[name]
            }
            let before = (await state("CRM sync"), await state("people"))
            #expect(before == (.warns, .warns))

            var application = Application(basis: try await store.mirrorVersion())
            application.desired = [desired]
            var contact = MirrorRecord(RecordKey(.contact, .number(2)))
            contact.learn("parentcustomerid", StampedValue(.null, Stamp(second: 1, source: .target)))
            application.records = [(contact, [])]
            let now = Timestamp(second: 1)
            try await store.leader.apply(application, now: now)
            let known = await state("people")
            #expect(known == .passes)

            // What the running service warns of, the check warns of too.
            var customer = MirrorRecord(RecordKey(.opportunity, .number(3)))
            let unknown = Value.reference(entity: "contact", id: .number(4))
            customer.learn("customerid", StampedValue(unknown, Stamp(second: 1, source: .target)))
            var more = Application(basis: try await store.mirrorVersion())
            more.records = [(customer, [])]
            try await store.leader.apply(more, now: now)
            #expect(try await UnknownCustomers(in: store).count == 1)
            let warned = await state("people")
            #expect(warned == .warns)

            let item = try #require(try await store.leader.claim(.opportunity, limit: 1, now: now, until: now).first)
            let trouble = DeliveryTrouble(code: "1018", message: "CRM Enabled")
            try await store.leader.settle([Settlement(item, .again(DeliveryRetry(trouble, next: now)))], now: now)
            let refused = await state("CRM sync")
            #expect(refused == .fails)

            let again = try #require(try await store.leader.claim(.opportunity, limit: 1, now: now, until: now).first)
            try await store.leader.settle([Settlement(again, .confirmed(requestID: nil))], now: now)
            let taken = await state("CRM sync")
            #expect(taken == .passes)
        }
        await store.close()
    }

    /// Where not all opportunities were looked at, nobody is told that this is the number.
    @Test func moreCustomersMayBeUnknownThanWereLookedAt() async throws {
        let store = MemoryStore()
        func know(_ numbers: ClosedRange<Int>) async throws {
            var application = Application(basis: try await store.mirrorVersion())
            application.records = numbers.map { number in
                var opportunity = MirrorRecord(RecordKey(.opportunity, .number(number)))
                let customer = Value.reference(entity: "contact", id: .number(1_000 + number))
                opportunity.learn("customerid", StampedValue(customer, Stamp(second: 1, source: .target)))
                return (opportunity, [])
            }
            try await store.leader.apply(application, now: Timestamp(second: 1))
        }
        try await know(1...500)
        let all = try await UnknownCustomers(in: store)
        #expect(all.says == "500 customers are contacts whose account is not known")
        try await know(501...501)
        let some = try await UnknownCustomers(in: store)
        #expect(some.says == "at least 500 customers are contacts whose account is not known")
    }

    @Test func fieldsShowsMarketosOwnBesideTheColumns() async throws {
        try await withSandbox { _, settings in
            let survey = try await FieldSurvey(Configuration(), store: MemoryStore())
            let screen = Screen(width: 100, now: Timestamp(second: 0))
            let told = await MarketoSurvey.opportunityFields(settings)
            let text = Fields.lines(survey, beside: told, screen).joined(separator: "\n")
            #expect(text.contains("stage (string 255)") && text.contains("amount (currency)"))
            let rest = try #require(text.components(separatedBy: "which no column fills").last)
            #expect(rest.contains("nextStep") && !rest.contains("closeDate") && !rest.contains("marketoGUID"))

            let json = try JSONDocument(survey.json(beside: told).encoded).root
            let stage = json["marketo"]?.elements.first { $0["field"]?.string == "stage" }
            #expect(stage?["length"]?.int == 255 && stage?["updateable"]?.bool == true)

            var wrong = settings
            wrong.clientSecret = Secret("x")
            let refused = await MarketoSurvey.opportunityFields(wrong)
            let says = Fields.lines(survey, beside: refused, screen).last
            #expect(says == "Marketo does not describe its opportunities (credentials): see oneway check")
            #expect(survey.json(beside: refused).encoded.count < survey.json(beside: told).encoded.count)
        }
    }
}
