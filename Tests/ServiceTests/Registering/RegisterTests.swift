import Configuration
import HTTPClient
import OnewayCore
import Sandbox
import Testing
import Threads

@testable import oneway

@Suite struct RegisterTests {
    private static let yes: @Sendable (inout Register.Options) -> Void = { $0.isSure = true }
    private static let steps = RuleBook(RuleSettings()).registration

    @Test func everythingIsRegisteredAndWorks() async throws {
        let (arrived, arrive) = AsyncStream.makeStream(of: WebhookRequest.self)
        try await RegisterRig.with { request in
            arrive.yield(request)
            return 202
        } _: { rig in
            let first = try await rig.register()
            #expect(first.code == 0 && first.text.contains("create  webhook  Oneway"), "\(first)")
            #expect(first.text.hasSuffix("done: 20 of 20\n"))
            let images = Self.steps.count { $0.image != nil }
            #expect(rig.rows("sdkmessageprocessingstep").count == Self.steps.count)
            #expect(rig.rows("sdkmessageprocessingstepimage").count == images)
            #expect(rig.writes().count == 1 + Self.steps.count + images)

            let endpoint = try #require(rig.rows("serviceendpoint").first)
            #expect(endpoint["url"] == .text(RegisterRig.url) && endpoint["authtype"] == .choice(5))
            let value = #"<settings><setting name="x-oneway-key" value="\#(RegisterRig.secretAsXML)"/></settings>"#
            #expect(endpoint["authvalue"] == .text(value))

            let opportunity = try #require(rig.dataverse.ids("opportunity").first)
            try await rig.dataverse.update("opportunity", opportunity, ["name": .text("Another name")])
            let request = try #require(await arrived.first { _ in true })
            #expect(request.url == RegisterRig.url)
            #expect(request.headers.contains { $0.name == "x-oneway-key" && $0.value == RegisterRig.secret })
            let image = try JSONDocument(request.body).root["PostEntityImages"]?.elements.first?["value"]
            let columns = image?["Attributes"]?.elements.compactMap { $0["key"]?.string } ?? []
            #expect(columns.contains("createdon") && columns.contains("statecode"))
        }
    }

    @Test func theSecondTimeNothingIsWritten() async throws {
        try await RegisterRig.with { rig in
            #expect(try await rig.register(Self.yes).code == 0)
            _ = rig.writes()
            let again = try await rig.register()
            #expect(again.code == 0 && again.text.hasSuffix("nothing to do\n") && rig.writes().isEmpty)
            #expect(again.text.contains("its key cannot be compared"))
            #expect(again.text.split(separator: "\n").count { $0.hasPrefix("same ") } == 20)
        }
    }

    @Test func nothingIsWrittenWithoutConsent() async throws {
        try await RegisterRig.with { rig in
            let dry = try await rig.register { $0.isDryRun = true }
            #expect(dry.code == 0 && dry.text.hasSuffix("20 to create\n"))
            #expect(try await rig.register(agrees: false).says == "Nothing was changed.")
            #expect(rig.writes().isEmpty)
        }
    }

    @Test func whatWasChangedByHandIsRepaired() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register(Self.yes)
            let update = try rig.step("Update of opportunity")
            let columns: [String: ColumnValue?] = [
                "filteringattributes": .text("name,new_extra"), "statecode": .choice(1), "statuscode": .choice(2),
            ]
            try await rig.dataverse.update("sdkmessageprocessingstep", update, columns)
            try await rig.dataverse.delete("sdkmessageprocessingstep", try rig.step("Delete of contact"))
            let image = try #require(rig.dataverse.ids("sdkmessageprocessingstepimage").first)
            try await rig.dataverse.update("sdkmessageprocessingstepimage", image, ["attributes": nil])
            _ = rig.writes()

            let outcome = try await rig.register(Self.yes)
            #expect(outcome.code == 0)
            #expect(
                outcome.text.contains("change  step     Update of opportunity") && outcome.text.contains("-new_extra")
            )
            #expect(outcome.text.contains("statecode: disabled -> enabled"))
            #expect(outcome.text.contains("create  step     Delete of contact"))
            #expect(
                rig.writes().sorted() == [
                    "PATCH sdkmessageprocessingstepimages", "PATCH sdkmessageprocessingsteps",
                    "POST sdkmessageprocessingsteps",
                ]
            )
            #expect(try await rig.register().text.hasSuffix("nothing to do\n"))
        }
    }

    @Test func theStepsOfOthersStayAsTheyAre() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register(Self.yes)
            let model = try #require(rig.dataverse.row("sdkmessageprocessingstep", try rig.step("Create of account")))
            let endpoint = try await rig.dataverse.create(
                "serviceendpoint",
                [
                    "name": .text("Another product"), "url": .text("https://other.test"), "contract": .choice(8),
                    "authtype": .choice(4), "authvalue": .text("k"),
                ]
            )
            var values = model.mapValues { Optional($0) }
            for name in [
                "sdkmessageprocessingstepid", "createdon", "modifiedon", "versionnumber", "createdby", "modifiedby",
            ] {
                values[name] = nil
            }
            values["eventhandler"] = .lookup(RowReference("serviceendpoint", endpoint))
            let step = try await rig.dataverse.create("sdkmessageprocessingstep", values)
            let before = (
                rig.dataverse.row("serviceendpoint", endpoint), rig.dataverse.row("sdkmessageprocessingstep", step)
            )

            let outcome = try await rig.register(Self.yes)
            #expect(outcome.text.hasSuffix("nothing to do\n") && !outcome.text.contains("Another product"))
            let removed = try await rig.register { ($0.removes, $0.isSure) = (true, true) }
            #expect(removed.code == 0 && !removed.text.contains("Another product"))
            #expect(rig.dataverse.ids("serviceendpoint") == [endpoint])
            #expect(rig.dataverse.ids("sdkmessageprocessingstep") == [step])
            #expect(rig.dataverse.row("serviceendpoint", endpoint) == before.0)
            #expect(rig.dataverse.row("sdkmessageprocessingstep", step) == before.1)
        }
    }

    @Test func removalNeedsNoAddressAndLeavesNothing() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register({ $0.isGuarding = true }, word: "guard")
            _ = rig.writes()
            let outcome = try await rig.register { ($0.removes, $0.url) = (true, nil) }
            #expect(outcome.code == 0 && outcome.text.contains("22 to remove"))
            let tables = ["serviceendpoint", "sdkmessageprocessingstep", "sdkmessageprocessingstepimage"]
            #expect(tables.allSatisfy { rig.dataverse.ids($0).isEmpty })
            let writes = rig.writes()
            #expect(writes.first == "DELETE sdkmessageprocessingstepimages")
            #expect(writes.suffix(2) == ["DELETE serviceendpoints", "DELETE serviceendpoints"])
            let again = try await rig.register { ($0.removes, $0.url) = (true, nil) }
            #expect(again.text == "\nnothing to do\n")
        }
    }

    @Test func anotherConfigurationChangesOnlyWhatDiffers() async throws {
        try await RegisterRig.with { rig in
            try rig.dataverse.add(CustomColumn("new_region", label: "Region", .text(lengthMax: 100)), to: "opportunity")
            _ = try await rig.register(Self.yes)
            _ = rig.writes()
            var settings = rig.settings
            settings.rules.syncWhen = Configuration.SyncWhen.region
            let outcome = try await rig.register(Self.yes, settings: settings)
            #expect(outcome.code == 0 && outcome.text.contains("filteringattributes: +new_region"))
            #expect(rig.writes() == ["PATCH sdkmessageprocessingsteps", "PATCH sdkmessageprocessingstepimages"])
        }
    }

    @Test func aKeyIsNotComparedButSentOnRequest() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register(Self.yes)
            var settings = rig.settings
            settings.dynamics.headers = ["x-oneway-key": [Secret("the-next-key-never-shown")]]
            #expect(try await rig.register(Self.yes, settings: settings).text.hasSuffix("nothing to do\n"))
            _ = rig.writes()
            let sent = try await rig.register({ ($0.isSure, $0.sendsKey) = (true, true) }, settings: settings)
            #expect(sent.code == 0 && sent.text.contains("sends the key"))
            #expect(rig.writes() == ["PATCH serviceendpoints"])
            let value = #"<settings><setting name="x-oneway-key" value="the-next-key-never-shown"/></settings>"#
            #expect(rig.rows("serviceendpoint").first?["authvalue"] == .text(value))

            settings.dynamics.headers = [:]
            settings.dynamics.keys = [Secret("bare-key-never-shown")]
            let other = try await rig.register(Self.yes, settings: settings)
            #expect(other.text.contains("authtype: HttpHeader -> WebhookKey; sends the key"))
            #expect(rig.rows("serviceendpoint").first?["authvalue"] == .text("bare-key-never-shown"))
        }
    }

    @Test func aSolutionIsNamedWhereRowsAreCreated() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register { ($0.isSure, $0.solution) = (true, "Integrations") }
            let requests = rig.transport.take()
            #expect(requests.count == 20)
            #expect(requests.allSatisfy { $0.headers.contains("MSCRM.SolutionUniqueName: Integrations") })
        }
    }
}

extension Configuration.SyncWhen {
    static var region: Configuration.SyncWhen? {
        let yaml = "rules: { syncWhen: { attribute: new_region, equals: \"north\" } }"
        return try? Configuration.read(Array(yaml.utf8), toServe: false).configuration.rules.syncWhen
    }
}
