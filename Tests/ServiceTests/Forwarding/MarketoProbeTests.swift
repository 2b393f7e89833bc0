import Configuration
import OnewayCore
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// What Marketo is asked before, and while, nothing is sent.
@Suite(.serialized) struct MarketoProbeTests {
    private static func run(
        salesPersons: Bool = false,
        _ body: @Sendable (ForwardingRig) async throws -> Void
    ) async throws {
        try await ForwardingRig.run(
            speed: 600,
            { $0.marketo.salesPersons = salesPersons },
            options: .unlimited
        ) { rig in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await rig.forwarding.probe.run() }
                let outcome: Result<Void, any Error>
                do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
                await rig.forwarding.probe.stop()
                try await group.waitForAll()
                try outcome.get()
            }
        }
    }

    private static func asked(_ rig: ForwardingRig) -> [String] {
        rig.marketo.measured.calls.filter { !$0.isToken }.map(\.path)
    }

    @Test func onceAllIsWellACallInTenMinutesIsEnough() async throws {
        try await Self.run { rig in
            let began = rig.time.now()
            try await rig.until("each permission was tried, and looked at again") { Self.asked(rig).count == 5 }
            #expect(rig.time.now() >= began.adding(seconds: 600))
            #expect(rig.forwarding.probe.outcome == .passed && Set(Self.asked(rig)).count == 4)
        }
    }

    @Test func salesPersonsAreTriedIfTheyAreSent() async throws {
        try await Self.run(salesPersons: true) { rig in
            rig.marketo.add(Fault(.error(code: "603"), path: "salespersons/describe", times: nil))
            try await rig.until("denied") {
                if case .denied(_, what: "sales persons") = rig.forwarding.probe.outcome { true } else { false }
            }
        }
    }
}
