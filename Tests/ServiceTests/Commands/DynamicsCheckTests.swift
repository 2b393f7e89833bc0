import OnewayCore
import Sandbox
import Store
import Testing

@testable import Applying
@testable import Configuration
@testable import oneway

/// The output of `oneway check` for each state of Dynamics.
@Suite struct DynamicsCheckTests {
    private static func withDataverse(
        _ body: @Sendable (SandboxDataverse, Configuration) async throws -> Void
    ) async throws {
        let dataverse = SandboxDataverse(send: { _ in 202 })
        let port = try dataverse.start()
        var settings = Configuration()
        var webApi = Configuration.WebApi()
        webApi.url = "http://127.0.0.1:\(port)"
        webApi.tokenUrl = "http://127.0.0.1:\(port)/tenant/oauth2/v2.0/token"
        webApi.clientId = "sandbox"
        webApi.clientSecret = Secret("sandbox-secret")
        settings.dynamics.webApi = webApi
        let configured = settings
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(dataverse, configured)) } catch { outcome = .failure(error) }
            await dataverse.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    private static func lines(_ settings: Configuration) async -> [CheckLine] {
        await Check.dynamics(settings, Check.Options())
    }

    private static let tables = ["opportunity", "contact", "account", "connection"]

    @Test func allIsWell() async throws {
        try await Self.withDataverse { dataverse, settings in
            let lines = await Self.lines(settings)
            #expect(lines.map(\.name) == ["dynamics", "clock"] + Self.tables + ["connectionrole", "webhook"])
            #expect(lines.dropLast().allSatisfy { $0.state == .passes }, "\(lines.map(\.text))")
            #expect(lines.last?.state == .warns, "it is not registered")
            #expect(dataverse.measured.total == 13 && dataverse.measured.callsByPath.keys.contains("WhoAmI"))
        }
    }

    @Test func whatIsNotConfiguredIsNotAsked() async throws {
        #expect(await Self.lines(Configuration()).isEmpty)
        var incomplete = Configuration()
        incomplete.dynamics.webApi = Configuration.WebApi(url: "http://127.0.0.1:1")
        #expect(await Self.lines(incomplete).isEmpty)
    }

    @Test func aMissingRightIsNamed() async throws {
        try await Self.withDataverse { dataverse, settings in
            dataverse.set(missingPrivileges: ["prvReadContact", "prvReadConnectionRole"])
            let denied = await Self.lines(settings).filter { $0.state == .fails }
            #expect(denied.map(\.name) == ["contact", "connectionrole"])
            let page = try ContractTests.text("docs/commands.md")
            #expect(page.contains("<!-- check-dynamics -->\n```\n\(denied[0].text)\n```"))
            for line in denied {
                #expect(line.remedy?.contains("the right Read on \(line.name)") == true, "\(line.text)")
            }
        }
    }

    /// Users are read only for sales persons, and their changes need not be tracked.
    @Test func usersAreReadForSalesPersons() async throws {
        try await Self.withDataverse { dataverse, settings in
            var settings = settings
            settings.marketo.salesPersons = true
            dataverse.setChangeTracking("systemuser", false)
            let line = await Self.lines(settings).first { $0.name == "systemuser" }
            #expect(line?.state == .passes && line?.says == "can be read")
            dataverse.set(missingPrivileges: ["prvReadUser"])
            let denied = await Self.lines(settings).filter { $0.state == .fails }
            #expect(denied.map(\.name) == ["systemuser"], "\(denied.map(\.text))")
            #expect(denied.first?.remedy?.contains("the right Read on systemuser") == true)
        }
    }

    @Test func credentialsAndSilenceAreDistinguished() async throws {
        try await Self.withDataverse { dataverse, settings in
            var wrong = settings
            wrong.dynamics.webApi?.clientSecret = Secret("another-secret")
            let refused = await Self.lines(wrong)
            #expect(refused.map(\.state) == [.fails] && refused[0].remedy?.contains("clientSecret") == true)
            #expect(!refused[0].text.contains("another-secret") && refused[0].says.contains("7000215"))
            dataverse.add(DataverseFault(.status(502), times: nil))
            let silent = await Self.lines(settings)
            #expect(silent.map(\.state) == [.fails] && silent[0].remedy?.contains("dynamics.webApi.url") == true)
        }
    }

    @Test func fieldsShowsHowDynamicsDescribesTheColumns() async throws {
        try await Self.withDataverse { dataverse, settings in
            let survey = try await FieldSurvey(Configuration(), store: MemoryStore())
            let screen = Screen(width: 120, now: Timestamp(second: 0))
            let told = await DynamicsSurvey.opportunity(settings)
            let text = Fields.lines(survey, in: told, screen).joined(separator: "\n")
            #expect(text.contains("Topic (text 300)") && text.contains("Est. Revenue (money)"))
            let json = try JSONDocument(survey.json(in: told).encoded).root
            let name = json["dynamics"]?.elements.first { $0["column"]?.string == "name" }
            #expect(name?["label"]?.string == "Topic" && name?["length"]?.int == 300 && name?["type"]?.string == "text")

            dataverse.add(DataverseFault(.status(502), times: nil))
            let silent = await DynamicsSurvey.opportunity(settings)
            let says = Fields.lines(survey, in: silent, screen).last
            #expect(says == "Dynamics does not describe its opportunities (Dynamics gave HTTP 502): see oneway check")
            #expect(try JSONDocument(survey.json(in: silent).encoded).root["dynamics"]?.isNull == true)
            #expect(await DynamicsSurvey.opportunity(Configuration()) == nil)
        }
    }

    @Test func trackingColumnsAndRolesAreChecked() async throws {
        try await Self.withDataverse { dataverse, settings in
            dataverse.setChangeTracking("account", false)
            var settings = settings
            settings.fields = [FieldMapping(column: "new_nowhere", field: "name")]
            settings.rules.roleNames = [
                "\(Company.stakeholderRole)": "S", "00000000-0000-0000-0000-0000000000aa": "T",
            ]
            let lines = await Self.lines(settings)
            let told = lines.filter { $0.state != .passes && $0.name != "webhook" }
            #expect(told.map(\.name) == ["opportunity", "account", "connectionrole"])
            #expect(told.map(\.state) == [.fails, .warns, .warns])
            #expect(told[0].says.contains("new_nowhere") && told[1].remedy?.contains("Account") == true)
            #expect(told[2].says.contains("0000000000aa") && !told[2].says.contains("\(Company.stakeholderRole)"))
        }
    }
}
