import Configuration
import Foundation
import Glibc
import OnewayCore
import TestSupport
import Testing

@testable import Sandbox
@testable import Service

/// Everything goes wrong at random: webhooks are dropped, doubled, delayed, reordered, cut, and bypassed; Oneway is killed;
/// Dynamics and Marketo fail, and are cut off for a while. Then one reconciliation, and both sides are the same.
///
/// `make soak` has more seeds and more changes than a test run has time for.
@Suite(.serialized) struct SoakTests {
    private static func number(_ variable: String) -> Int? {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
    }

    static let seeds: [UInt64] = {
        if let seed = number("ONEWAY_SOAK_SEED") { return [UInt64(seed)] }
        return (1...(number("ONEWAY_SOAK_SEEDS") ?? 2)).map { UInt64($0) }
    }()
    private static let steps = number("ONEWAY_SOAK_STEPS") ?? 60
    private static var isLong: Bool { steps > 60 }

    @Test(arguments: seeds) func oneReconciliationMakesBothSidesTheSame(seed: UInt64) async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await ReconcilingWorld.run(hoursBehind: 200) { world in
            var random = Seeded(seed)
            let oneway = Killed(world, path)
            do {
                try await oneway.begin()
                for step in 0..<Self.steps {
                    try await Self.trouble(world, oneway, &random)
                    let isQuiet = random.chance(20)
                    try await world.dataverse.step(seed << 32 | UInt64(step), bypassesSteps: isQuiet)
                    world.pass(seconds: Int.random(in: 0...20, using: &random))
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...20, using: &random)))
                }
            } catch {
                await oneway.kill()
                throw error
            }
            await oneway.kill()
            world.dataverse.clearFaults()
            world.marketo.clearFaults()
            world.marketo.set(.normal)
            try await world.serve(.sqlite(path: path)) { rig in try await Self.isRight(rig, seed) }
        }
    }

    /// What goes wrong before the next change.
    private static func trouble(
        _ world: ReconcilingWorld,
        _ oneway: Killed,
        _ random: inout Seeded
    ) async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: world.dataverse.add(WebhookFault(.drop))
        case 10..<18: world.dataverse.add(WebhookFault(.double))
        case 18..<26:
            world.dataverse.add(WebhookFault(.delay(seconds: Double.random(in: 0.02...0.5, using: &random))))
        case 26..<34: world.dataverse.add(WebhookFault(.reorder))
        case 34..<36: world.dataverse.add(WebhookFault(.cut))
        case 36..<44: world.marketo.add(marketoFault(&random))
        case 44..<48: world.dataverse.add(DataverseFault(random.pick([.cutBefore, .cutAfter, .status(503), .garbage])))
        case 48..<51: world.marketo.set(random.pick([.normal, .normal, .down]))
        case 51..<54: await oneway.kill()
        case 54..<62: try await oneway.start()
        default: break
        }
    }

    /// None after which Oneway would wait for a person, or for the next day; in a test run none after which it is not known
    /// what Marketo did, because it then waits for a minute.
    private static func marketoFault(_ random: inout Seeded) -> Fault {
        let code = random.pick(["500", "502", "602", "604", "606", "608", "611", "613", "615", "1003", "1022"])
        let heard: [Fault.Kind] = [.error(code: code), .record(code: code, key: nil, inErrors: true), .status(502)]
        let unheard: [Fault.Kind] = [.cutBefore, .cutAfter, .garbage, .short(by: 1)]
        return Fault(random.pick(heard + (isLong ? unheard : [])))
    }

    private static func isRight(_ rig: ReconcilingRig, _ seed: UInt64) async throws {
        try await rig.settledAgain()
        rig.world.pass(hours: 2)
        let found = try await rig.reconciled()
        #expect(found.state == "done", "seed \(seed): \(found)")
        try await rig.settledAgain()
        rig.world.pass(hours: 2)

        let status = try await rig.ask("GET", "/api/status").members["outbox"] as? [String: Any]
        #expect(status?["parked"] as? Int == 0 && status?["waiting"] as? Int == 0, "seed \(seed): \(status ?? [:])")
        #expect(try await rig.ask("POST", "/api/verify").status == 202)
        try await rig.until("verified") {
            try await rig.ask("GET", "/api/verify").members["state"] as? String != "running"
        }
        let verified = try await rig.ask("GET", "/api/verify")
        let differences = try await rig.ask("GET", "/api/verify/findings")
        #expect(
            verified.members["state"] as? String == "done" && differences.items.isEmpty,
            "seed \(seed): \(differences.body)"
        )

        // Without Oneway's help.
        var names: [GUID: JSON] = [:]
        for id in rig.dataverse.ids("opportunity") {
            if case .text(let name)? = rig.dataverse.row("opportunity", id)?["name"] { names[id] = .string(name) }
        }
        let held = rig.marketo.book.all(.opportunity)
        #expect(held.count == names.count, "seed \(seed)")
        for (id, name) in names { #expect(rig.held(id, "name") == name, "seed \(seed): \(id)") }
        let again = try await rig.reconciled()
        #expect(again.found == 0, "seed \(seed): \(again)")
    }
}

/// `oneway serve` as a process that is killed and started again, on the same store and ports.
private final class Killed: Sendable {
    private let world: ReconcilingWorld
    private let path: String
    private let state = State()

    private actor State {
        var replica: Replica?
        /// The kernel gives none of these to others, between a kill and the next start.
        var ports = App.Ports(public: 10_000 + Int(getpid()) % 5_000 * 2, admin: 10_001 + Int(getpid()) % 5_000 * 2)

        func set(_ replica: Replica?) { self.replica = replica }
        func set(_ ports: App.Ports) { self.ports = ports }
    }

    init(_ world: ReconcilingWorld, _ path: String) { (self.world, self.path) = (world, path) }

    /// Registered, and everything loaded and compared.
    func begin() async throws {
        try await start()
        let ports = await state.ports
        try await world.register(world.settings, ports)
        try await ReconcilingRig(world: world, ports: ports).loaded()
    }

    func start() async throws {
        guard await state.replica == nil, let webApi = world.settings.dynamics.webApi else { return }
        let ports = await state.ports
        let replica = try Replica(
            database: "sqlite:\(path)",
            marketo: world.settings.marketo,
            [
                "ONEWAY_PUBLIC_PORT": "\(ports.public)", "ONEWAY_ADMIN_PORT": "\(ports.admin)",
                "ONEWAY_DYNAMICS_WEB_API_URL": webApi.url, "ONEWAY_DYNAMICS_WEB_API_TOKEN_URL": webApi.tokenUrl,
                "ONEWAY_DYNAMICS_WEB_API_CLIENT_ID": webApi.clientId,
                "ONEWAY_DYNAMICS_WEB_API_CLIENT_SECRET": webApi.clientSecret.reveal(),
                "ONEWAY_DYNAMICS_RECONCILE_EVERY_MINUTES": "0", "ONEWAY_LIMITS_DISK_FREE_MEGABYTES_MIN": "0",
                "ONEWAY_MARKETO_CALLS_PER_20_SECONDS": "100",
            ]
        )
        await state.set(replica)
        let took = await waited { replica.port("public") != nil && replica.port("admin") != nil }
        _ = try #require(took, "\(replica.log)")
        await state.set(App.Ports(public: replica.port("public") ?? 0, admin: replica.port("admin") ?? 0))
    }

    func kill() async {
        guard let replica = await state.replica else { return }
        await replica.end(SIGKILL)
        await state.set(Replica?.none)
    }
}

extension ReconcilingRig {
    /// What Marketo refused for a while is tried again, as an operator would. A question that Dynamics could not answer is
    /// asked again only after a minute: the reconciliation must not need it.
    fileprivate func settledAgain() async throws {
        try await settled(withQuestions: false)
        _ = try await AppTests.ask("POST", ports.admin, "/api/outbox/retry", #"{"all": true}"#)
        try await settled(withQuestions: false)
    }
}
