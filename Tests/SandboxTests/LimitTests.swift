import OnewayCore
import Testing

@testable import Sandbox

@Suite struct LimitTests {
    private func after(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: anytime.milliseconds + milliseconds)
    }

    /// Compared with counting from scratch each time.
    @Test(arguments: [1, 2, 3]) func theWindowCountsLikeSomebodySlow(seed: UInt64) {
        var state = seed
        var window = CallWindow()
        var moments: [Int64] = []
        var most = 0
        for _ in 0..<800 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let pause = (state >> 33) % 40 == 0 ? 21_000 : Int64((state >> 40) % 300)
            moments.append((moments.last ?? 0) + pause)
            window.add(after(moments.last ?? 0))
            let slow = moments.reversed().prefix { $0 > (moments.last ?? 0) - 20_000 }.count
            most = max(most, slow)
            #expect(window.count(after(moments.last ?? 0)) == slow, "seed \(seed)")
        }
        #expect(window.most == most, "seed \(seed)")
    }

    @Test func theHundredAndFirstWithinTwentySecondsIsRefused() {
        var throttle = Throttle(SandboxLimits())
        for call in 0..<100 { #expect(throttle.refusal(inFlight: 1, now: after(Int64(call))) == nil) }
        #expect(throttle.refusal(inFlight: 1, now: after(19_999))?.code == "606")
        #expect(throttle.refusal(inFlight: 1, now: after(20_099)) == nil)
    }

    @Test func theEleventhAtOnceIsRefused() {
        var throttle = Throttle(SandboxLimits())
        #expect(throttle.refusal(inFlight: 10, now: anytime) == nil)
        #expect(throttle.refusal(inFlight: 11, now: anytime)?.code == "615")
    }

    @Test func theQuotaIsNewAtMidnightInCentralTime() throws {
        var throttle = Throttle(SandboxLimits(callsPer20Seconds: nil, concurrentCalls: nil, callsPerDay: 2))
        let evening = try #require(Timestamp(iso8601: "2026-11-21T05:59:59Z"))
        let codes = (0..<3).map { _ in throttle.refusal(inFlight: 1, now: evening)?.code }
        #expect(codes == [nil, nil, "607"])
        #expect(throttle.refusal(inFlight: 1, now: Timestamp(second: evening.second + 1)) == nil)
    }

    @Test func disabledLimitsRefuseNothing() {
        var throttle = Throttle(.off)
        for _ in 0..<500 { #expect(throttle.refusal(inFlight: 500, now: anytime) == nil) }
    }

    @Test func theAccountIsBoundedAndItsSumsAreNot() {
        var measured = Measured()
        for call in 0..<(Measured.callsMax + 5000) {
            let number = measured.begin("GET", "leads/\(call)", records: 0, now: after(Int64(call)))
            measured.end(number, isToken: false, status: 200, codes: ["611"], now: after(Int64(call)))
        }
        #expect(measured.calls.count <= Measured.callsMax + 1000)
        #expect(measured.calls.allSatisfy { $0.answered != nil && $0.codes == ["611"] })
        #expect(measured.total == Measured.callsMax + 5000)
        #expect(measured.codes == ["611": measured.total])
        #expect(measured.callsByPath.count == 100)
        #expect(measured.mostAtOnce == 1)
    }
}
