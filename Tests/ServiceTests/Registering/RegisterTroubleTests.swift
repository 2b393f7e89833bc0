import Configuration
import OnewayCore
import Sandbox
import Testing
import Threads

@testable import oneway

/// Registering when something is in the way, and the guard.
@Suite struct RegisterTroubleTests {
    @Test func aMissingPrivilegeIsNamed() async throws {
        try await RegisterRig.with { rig in
            let privileges = [
                "prvReadServiceEndpoint", "prvCreateSdkMessageProcessingStep", "prvDeleteServiceEndpoint",
            ]
            rig.dataverse.set(missingPrivileges: [privileges[0]])
            let unread = try await rig.register { $0.isSure = true }
            #expect(unread.says?.contains(privileges[0]) == true && unread.text.isEmpty)

            rig.dataverse.set(missingPrivileges: [privileges[1]])
            let created = try await rig.register { $0.isSure = true }
            #expect(created.says?.contains("run the command again") == true)
            let lines = created.text.split(separator: "\n")
            #expect(lines.contains("done      create webhook Oneway"))
            let failed = try #require(lines.first { $0.hasPrefix("FAILED") })
            #expect(failed.contains("create step Create of opportunity") && failed.contains(privileges[1]))
            #expect(lines.count { $0.hasPrefix("not done  ") } == 18)

            rig.dataverse.set(missingPrivileges: [])
            let completed = try await rig.register { $0.isSure = true }
            #expect(completed.code == 0 && completed.text.hasSuffix("done: 19 of 19\n"))
        }
    }

    @Test(arguments: [
        DataverseFault(.cutAfter, path: "sdkmessageprocessingsteps", method: "POST"),
        DataverseFault(.error(code: "0x80040216"), path: "sdkmessageprocessingstepimages", method: "POST"),
        DataverseFault(.status(502), path: "serviceendpoints", method: "POST"),
    ])
    func anInterruptedRunIsCompletedByTheNext(_ fault: DataverseFault) async throws {
        try await RegisterRig.with { rig in
            rig.dataverse.add(fault)
            let first = try await rig.register { $0.isSure = true }
            #expect(first.code == nil && first.text.contains("FAILED") && first.text.contains("not done"))
            let second = try await rig.register { $0.isSure = true }
            #expect(second.code == 0)
            let counts = ["serviceendpoint", "sdkmessageprocessingstep", "sdkmessageprocessingstepimage"].map {
                rig.dataverse.ids($0).count
            }
            #expect(counts == [1, 14, 5], "nothing is registered twice")
            #expect(try await rig.register().text.hasSuffix("nothing to do\n"))
        }
    }

    @Test func aPauseAndAnExpiredTokenAreNoFailures() async throws {
        try await RegisterRig.with { rig in
            rig.dataverse.add(DataverseFault(.error(code: "0x80072322"), path: "sdkmessageprocessingsteps"))
            rig.dataverse.expireToken()
            let outcome = try await rig.register { $0.isSure = true }
            #expect(outcome.code == 0)
        }
    }

    @Test func successIsNotTakenOnTrust() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register { $0.isSure = true }
            let update = try rig.step("Update of contact")
            try await rig.dataverse.update("sdkmessageprocessingstep", update, ["filteringattributes": nil])
            rig.transport.swallowsChanges.withLock { $0 = true }
            let outcome = try await rig.register { $0.isSure = true }
            #expect(outcome.says == "Dynamics accepted everything, but differs in: Update of contact")
        }
    }

    @Test func wrongCredentialsAreSaid() async throws {
        try await RegisterRig.with { rig in
            var settings = rig.settings
            settings.dynamics.webApi?.clientSecret = Secret("wrong-never-shown")
            let outcome = try await rig.register(settings: settings)
            #expect(outcome.says?.contains("client secret is wrong") == true)
        }
    }

    @Test func webhooksThatCannotBeToldApartAreLeftAlone() async throws {
        try await RegisterRig.with { rig in
            for host in ["a", "b"] {
                try await rig.dataverse.create(
                    "serviceendpoint",
                    ["name": .text("Oneway"), "url": .text("https://\(host).test/in"), "contract": .choice(8)]
                )
            }
            let outcome = try await rig.register { ($0.removes, $0.url, $0.isSure) = (true, nil, true) }
            #expect(outcome.says?.contains("(https://a.test/in, https://b.test/in)") == true)
            #expect(rig.dataverse.ids("serviceendpoint").count == 2)
        }
    }

    @Test func theGuardNeedsItsWordEvenIfSure() async throws {
        try await RegisterRig.with { rig in
            let silent = try await rig.register { ($0.isGuarding, $0.isSure) = (true, true) }
            #expect(silent.says?.contains("only from a terminal") == true)
            for word in ["", "yes", "Guard"] {
                let refused = try await rig.register({ ($0.isGuarding, $0.isSure) = (true, true) }, word: word)
                #expect(refused.says == "Nothing was changed.")
            }
            #expect(rig.writes().isEmpty)
            let typed = try await rig.register({ $0.isGuarding = true }, word: "guard")
            #expect(typed.code == 0 && rig.dataverse.ids("serviceendpoint").count == 2)
            let step = try #require(rig.rows("sdkmessageprocessingstep").first { $0["mode"] == .choice(0) })
            #expect(step["stage"] == .choice(10) && step["name"] == .text("Oneway: Create of opportunity"))
            let endpoint = rig.rows("serviceendpoint").first { $0["name"] == .text("Oneway guard") }
            #expect(endpoint?["url"] == .text(RegisterRig.guardURL))
            _ = rig.writes()
            #expect(
                try await rig.register({ ($0.isGuarding, $0.isSure) = (true, true) }).code == 0,
                "it is there already"
            )

            let plain = try await rig.register()
            #expect(plain.code == 0 && plain.text.contains("leave  webhook  Oneway guard") && rig.writes().isEmpty)
            let off = try await rig.register { ($0.isGuarding, $0.removes, $0.isSure) = (true, true, true) }
            #expect(off.code == 0 && rig.writes() == ["DELETE sdkmessageprocessingsteps", "DELETE serviceendpoints"])
            #expect(rig.rows("serviceendpoint").map { $0["name"] } == [.text("Oneway")])
        }
    }

    /// A guard that refuses everybody is switched off by disabling its step, and that must not be undone in passing.
    @Test func aDisabledGuardStaysDisabled() async throws {
        try await RegisterRig.with { rig in
            _ = try await rig.register({ $0.isGuarding = true }, word: "guard")
            let step = try #require(
                rig.dataverse.ids("sdkmessageprocessingstep").first {
                    rig.dataverse.row("sdkmessageprocessingstep", $0)?["mode"] == .choice(0)
                }
            )
            try await rig.dataverse.update(
                "sdkmessageprocessingstep",
                step,
                ["statecode": .choice(1), "statuscode": .choice(2)]
            )
            #expect(try await rig.register().text.hasSuffix("nothing to do\n"))
            let refused = try await rig.register({ ($0.isGuarding, $0.isSure) = (true, true) }, word: "no")
            #expect(refused.text.contains("statecode: disabled -> enabled") && refused.says == "Nothing was changed.")
        }
    }

    @Test func withoutAnyoneToAskItSaysSo() async throws {
        try await RegisterRig.with { rig in
            var options = Register.Options(url: RegisterRig.url)
            options.isDryRun = false
            let parts = try RegisterSettings(options, rig.settings)
            let nobody = Register.Person(canAnswer: false, agrees: { _ in true }, types: { _ in "guard" })
            await #expect(throws: UsageError.self) {
                _ = try await Register.run(
                    options,
                    parts,
                    rig.transport,
                    nobody,
                    Screen(width: 80, now: Timestamp(second: 0))
                ) { _ in }
            }
            #expect(rig.writes().isEmpty)
        }
    }

    @Test func machinesGetTheSame() async throws {
        try await RegisterRig.with { rig in
            func run(_ change: (inout Register.Options) -> Void) async throws -> JSONValue {
                let outcome = try await rig.register {
                    $0.isJSON = true
                    change(&$0)
                }
                return try JSONDocument(Array(outcome.text.utf8)).root
            }
            let dry = try await run { $0.isDryRun = true }
            #expect(
                dry["pending"]?.int == 20
                    && dry["actions"]?.elements.allSatisfy { $0["result"]?.isNull == true } == true
            )
            rig.dataverse.add(
                DataverseFault(.error(code: "0x80040216"), path: "sdkmessageprocessingsteps", method: "POST")
            )
            let failed = try await run { $0.isSure = true }
            let states = failed["actions"]?.elements.compactMap { $0["result"]?["state"]?.string } ?? []
            #expect(states.prefix(3) == ["done", "failed", "not-done"] && states.count == 20)
            #expect(failed["actions"]?.elements[1]["changes"]?.elements.isEmpty == false)
        }
    }
}
