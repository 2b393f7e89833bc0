import OnewayCore
import Testing

@testable import Admin
@testable import Coordination
@testable import Forwarding
@testable import Intake
@testable import Store

/// One sentence for each state, the most serious first.
@Suite struct HealthTests {
    private static let now = Timestamp(second: 1_772_500_000)

    private static func gate(
        _ condition: CallBudget.Condition = .ok,
        left: Int = 100,
        paused: Bool = false
    ) -> CallGate.Status {
        CallGate.Status(
            pausedSince: paused ? now : nil,
            condition: condition,
            usedToday: 1,
            leftToday: left,
            resetsAt: now.adding(seconds: 3600),
            inFlight: 0
        )
    }

    private static func status(_ change: (inout StoreStatus) -> Void = { _ in }) -> StoreStatus {
        var status = StoreStatus()
        change(&status)
        return status
    }

    private static let denied = DeliveryTrouble(code: "603", message: "Access denied")

    static let cases: [(String, Health.Signs, Health.Tone, String)] = [
        ("well", .init(store: status(), gate: gate(), now: now), .good, "All is well"),
        ("disk", .init(obstacles: [.disk], store: status(), gate: gate(paused: true), now: now), .bad, "disk is full"),
        ("store", .init(obstacles: [.store], store: status(), gate: gate(), now: now), .bad, "store is not working"),
        ("no status", .init(store: nil, gate: gate(), now: now), .bad, "store is not working"),
        ("starting", .init(obstacles: [.starting], store: status(), gate: gate(), now: now), .notice, "starting"),
        ("no Marketo", .init(store: status(), gate: nil, now: now), .notice, "not configured"),
        ("no leader", .init(store: status(), gate: nil, isLed: false, now: now), .notice, "no replica leads"),
        ("paused", .init(store: status(), gate: gate(.stopped(denied), paused: true), now: now), .notice, "paused"),
        ("denied", .init(store: status(), gate: gate(.stopped(denied)), now: now), .bad, "(603)"),
        ("no calls", .init(store: status(), gate: gate(left: 0), now: now), .notice, "today's calls"),
        ("away", .init(store: status(), gate: gate(.backingOff(denied)), now: now), .notice, "has a problem"),
        (
            "unread", .init(store: status { $0.unappliedSince = now.adding(seconds: -61) }, gate: gate(), now: now),
            .notice, "behind"
        ),
        (
            "unsent", .init(store: status { $0.pendingSince = now.adding(seconds: -301) }, gate: gate(), now: now),
            .notice, "behind"
        ),
        (
            "parked", .init(store: status { $0.outbox[.role] = [.parked: 2] }, gate: gate(), now: now), .notice,
            "2 records need"
        ),
        (
            "under way", .init(store: status { $0.outbox[.role] = [.pending: 1] }, gate: gate(), now: now), .good,
            "1 item is pending"
        ),
        (
            "waiting", .init(store: status { $0.outbox[.role] = [.waiting: 1_000] }, gate: gate(), now: now), .good,
            "1,000 records wait"
        ),
    ]

    @Test func eachStateHasItsSentence() {
        for (name, signs, tone, says) in Self.cases {
            let health = Health(signs)
            #expect(health.tone == tone, "\(name): \(health)")
            #expect(health.says.contains(says), "\(name): \(health)")
            if tone == .bad { #expect(health.remedy != nil, "\(name)") }
        }
    }

    @Test(arguments: [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (7_500, "2 h 5 min"),
        (86_400, "1 d"),
        (180_000, "2 d 2 h"),
    ])
    func durationsAreReadable(seconds: Int64, says: String) { #expect(Wording.duration(seconds: seconds) == says) }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")])
    func numbersAreReadable(number: Int, says: String) { #expect(Wording.number(number) == says) }
}
