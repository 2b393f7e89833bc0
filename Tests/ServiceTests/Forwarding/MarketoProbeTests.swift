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

    /// Those that were answered, and not because a token had expired.
    private static func asked(_ rig: ForwardingRig) -> [Call] {
        rig.marketo.measured.calls.filter { !$0.isToken && $0.status == 200 && $0.codes.isEmpty }
    }

    @Test func onceAllIsWellACallInTenMinutesIsEnough() async throws {
        try await Self.run { rig in
            try await rig.until("each permission was tried, and looked at again") { Self.asked(rig).count >= 5 }
            let calls = Self.asked(rig)
            #expect(calls[4].began >= calls[0].began.adding(seconds: 600))
            #expect(rig.forwarding.probe.outcome == .passed && Set(calls.prefix(5).map(\.path)).count == 4)
        }
    }

    /// They are parked, and everything else flows.
    @Test func aRightThatIsMissingForSalesPersonsAloneIsNoDenial() async throws {
        try await Self.run(salesPersons: true) { rig in
            rig.marketo.add(Fault(.error(code: "603"), path: "salespersons/describe", times: nil))
            try await rig.until("looked at twice") { Self.asked(rig).count >= 5 }
            #expect(rig.forwarding.probe.outcome == .passed)
        }
    }
}
