import Configuration
import MarketoClient
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Coordination
@testable import Forwarding

/// Marketo's possible answers, and the resulting state of the record.
@Suite(.serialized) struct TroubleTests {
    /// Every code that Marketo returns for a write, at the level of the whole call and of one record.
    static let parked = [
        "605", "609", "610", "612", "613", "616", "701", "702", "704", "1001", "1002", "1003", "1007", "1008", "1009",
        "1010", "1011", "1021", "1022",
    ]
    static let again = ["500", "604", "611", "1005", "1013", "1017", "1036", "9999"]
    static let uncounted = ["502", "600", "601", "602", "608", "614", "713", "606", "615", "607", "603", "703", "1018"]

    private static func fault(_ code: String, isWhole: Bool, times: Int? = 1, key: Int? = nil) -> Fault {
        let kind: Fault.Kind =
            isWhole ? .error(code: code) : .record(code: code, key: key.map { "\(GUID.number($0))" }, inErrors: false)
        return Fault(kind, path: "opportunities", method: "POST", times: times, codesAreNumbers: code.hasSuffix("1"))
    }

    @Test(arguments: parked, [true, false])
    func isParkedAtOnceWithMarketosWords(code: String, isWhole: Bool) async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            rig.marketo.add(Self.fault(code, isWhole: isWhole))
            try await rig.want(.opportunity(1))
            try await rig.stage(.opportunity(1), is: .parked)
            let state = try await rig.item(.opportunity(1))
            #expect(state.trouble?.code == code)
            #expect(state.requestID != nil)
            #expect(rig.calls("opportunities").count == 1)
            try await rig.want(.opportunity(1, name: "mended"))
            try await rig.settled()
            #expect(
                rig.held(.opportunity, "\(GUID.number(1))")?["name"] == "mended",
                "a newer desired state is tried again"
            )
        }
    }

    @Test(arguments: again, [true, false])
    func isTriedAgainAFewTimesThenParked(code: String, isWhole: Bool) async throws {
        try await ForwardingRig.run(speed: 200, options: .unlimited) { rig in
            rig.marketo.add(Self.fault(code, isWhole: isWhole, times: nil))
            try await rig.want(.opportunity(1))
            try await rig.stage(.opportunity(1), is: .parked)
            #expect(rig.calls("opportunities").count == 5)
            #expect(try await rig.item(.opportunity(1)).trouble?.code == code)
            rig.marketo.clearFaults()
            #expect(try await rig.store.retry(.all, now: rig.time.now()) == 1)
            rig.forwarding.retryNow()
            try await rig.settled()
        }
    }

    @Test(arguments: uncounted, [true, false])
    func waitsWithoutUsingUpAnAttempt(code: String, isWhole: Bool) async throws {
        try await ForwardingRig.run(speed: 2_000, options: .unlimited) { rig in
            // The client gets a new token automatically after the first of these.
            rig.marketo.add(
                Self.fault(code, isWhole: isWhole, times: ["600", "601", "602"].contains(code) && isWhole ? 2 : 1)
            )
            try await rig.want(.opportunity(1))
            try await rig.until("one answer") { rig.marketo.measured.codes[code, default: 0] > 0 }
            try await rig.settled()
            let state = try await rig.item(.opportunity(1))
            #expect((state.stage, state.attempts, state.trouble) == (.settled, 0, nil))
            #expect(rig.held(.opportunity, "\(GUID.number(1))") != nil)
        }
    }

    @Test(arguments: ["603", "703", "1018"]) func everythingStopsAndSaysSo(code: String) async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: code), times: nil))
            try await rig.want((0..<900).map { .opportunity($0) })
            try await rig.until("stopped") {
                if case .stopped(let trouble) = rig.forwarding.gate.status.condition {
                    trouble.code == code
                } else {
                    false
                }
            }
            #expect(rig.marketo.measured.total <= 5, "those that were in flight together, and no more")
            #expect(try await rig.store.status().outbox(.parked) == 0)
            rig.marketo.clearFaults()
            rig.forwarding.retryNow()
            try await rig.settled()
        }
    }

    /// The next attempt would be a minute away, longer than `settled` waits.
    @Test func callsInFlightDuringAnOperatorsRetryDoNotStopForwarding() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let stop = Fault.Kind.error(code: "603")
            rig.marketo.add(Fault(stop, path: "opportunities", method: "POST", delaySeconds: 100))
            rig.marketo.add(Fault(stop, path: "opportunities", method: "POST"))
            try await rig.want((0..<600).map { .opportunity($0) })
            try await rig.until("stopped by the second call") {
                if case .stopped = rig.forwarding.gate.status.condition { true } else { false }
            }
            #expect(rig.forwarding.gate.status.inFlight == 1, "the first is in flight")
            rig.forwarding.retryNow()
            rig.marketo.endDelays()
            try await rig.settled()
            #expect(rig.marketo.measured.codes["603"] == 2)
        }
    }

    @Test func badCredentialsStopEverythingAndNewOnesGoOn() async throws {
        let secret = "another-secret"
        var options = SandboxOptions.unlimited
        options.clientSecret = secret
        try await ForwardingRig.run({ $0.marketo.clientSecret = Secret("wrong") }, options: options) { rig in
            try await rig.want(.opportunity(1))
            try await rig.until("stopped") {
                if case .stopped(let trouble) = rig.forwarding.gate.status.condition {
                    trouble.code == "credentials"
                } else {
                    false
                }
            }
            rig.forwarding.client.reload(rig.access(secret: secret))
            rig.forwarding.retryNow()
            try await rig.settled()
        }
    }

    // MARK: One among many

    @Test func goodOnesNeverWaitForABadOne() async throws {
        try await ForwardingRig.run(speed: 20, options: .unlimited) { rig in
            rig.marketo.add(
                .init(
                    .record(code: "611", key: "\(GUID.number(17))", inErrors: true),
                    path: "opportunities",
                    times: nil
                )
            )
            try await rig.want((0..<60).map { .opportunity($0) })
            try await rig.until("the others settled") { try await rig.store.status().outbox(.settled) == 59 }
            try await rig.until("the bad one alone") { try await rig.item(.opportunity(17)).attempts >= 1 }
            #expect(rig.marketo.history.repeated.isEmpty)
            try await rig.want(.opportunity(61))
            try await rig.stage(.opportunity(61), is: .settled)
        }
    }

    @Test func anUnknownOwnerIsLeftOutAndSaidSo() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let owned = DesiredRecord.opportunity(1, .init("externalSalesPersonId", "nobody"))
            try await rig.want([owned] + (2..<6).map { .opportunity($0) })
            try await rig.settled()
            #expect(rig.held(.opportunity, "\(GUID.number(1))")?["externalSalesPersonId"] == nil)
            let trouble = try #require(try await rig.item(owned).trouble)
            #expect(trouble.code == "718")
            #expect(trouble.message.contains("externalSalesPersonId"))
            #expect(try await rig.item(.opportunity(2)).trouble == nil)
        }
    }

    @Test func fieldsThatMarketoLacksAreLeftOutOnceAndVisibly() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let desired = (0..<20).map { DesiredRecord.opportunity($0, .init("noSuchField__c", "x")) }
            try await rig.want(desired)
            try await rig.settled()
            #expect(rig.marketo.measured.codes["1006"] == nil, "Marketo described its fields before")
            #expect(try await rig.item(desired[0]).trouble?.code == "1006")
            #expect(rig.forwarding.fields.leftOut.map(\.names) == [["noSuchField__c"]])
            rig.marketo.add(Field("noSuchField__c", .string, length: 20), to: .opportunity)
            let kept = try #require(rig.forwarding.fields.fields(.opportunity))
            #expect(kept.byName["noSuchField__c"] == nil)
        }
    }

    @Test func anOpportunityInUseIsTriedAgainWithoutItsRoles() async throws {
        try await ForwardingRig.run(speed: 600, options: .unlimited) { rig in
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.error(code: "1022"), path: "opportunities/delete"))
            try await rig.want(.opportunity(1).gone)
            try await rig.settled()
            #expect(rig.held(.opportunity, "\(GUID.number(1))") == nil)
            #expect(rig.calls("opportunities/roles").count >= 2, "its roles are read each time")
        }
    }

    @Test(arguments: ["1004", "1013"]) func whatIsNotThereIsDeleted(code: String) async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.record(code: code, key: nil, inErrors: false), path: "opportunities/delete"))
            try await rig.want(.opportunity(1).gone)
            try await rig.settled()
        }
    }

    // MARK: Unknown outcomes

    static let unknowns: [Fault.Kind] = [
        .cutBefore, .cutAfter, .garbage, .status(502), .status(500), .error(code: "502"),
    ]

    /// Marketo may be working on it for a minute; then the newest state is sent. Others continue meanwhile.
    @Test(arguments: unknowns) func anUnknownOutcomeWaitsOutMarketosTimeOut(kind: Fault.Kind) async throws {
        try await ForwardingRig.run(speed: 30, options: .unlimited) { rig in
            try await rig.want(.opportunity(0))
            try await rig.settled()
            rig.marketo.add(Fault(kind, path: "opportunities", method: "POST"))
            try await rig.want(.opportunity(1, name: "old"))
            try await rig.until("in doubt") {
                // More calls: on a busy machine it has been sent again by now.
                let (isInDoubt, calls) = (try await rig.item(.opportunity(1)).isInDoubt, rig.calls("opportunities"))
                return isInDoubt && calls.count == 2 || calls.count > 2
            }
            try await rig.want(.opportunity(1, name: "new"), .opportunity(2))
            try await rig.settled()
            let (told, other) = (rig.told(1), rig.told(2))
            let sent = try #require(rig.calls("opportunities").dropFirst().first?.began)
            let (last, first) = (try #require(told.last).at, try #require(other.first).at)
            #expect(last >= sent.adding(seconds: 60))
            #expect(first <= last, "others continue meanwhile")
            #expect(rig.held(.opportunity, "\(GUID.number(1))")?["name"] == "new")
            #expect(try await rig.item(.opportunity(1)).attempts == 0)
        }
    }

    @Test func aListThatDoesNotMatchSettlesNothing() async throws {
        try await ForwardingRig.run(speed: 600, options: .unlimited) { rig in
            rig.marketo.add(Fault(.short(by: 1), path: "opportunities", method: "POST"))
            try await rig.want(.opportunity(1), .opportunity(2))
            try await rig.until("one answer") { rig.calls("opportunities").count >= 1 }
            try await rig.settled()
            #expect(rig.calls("opportunities").map(\.records).reduce(0, +) == 4, "both once more")
        }
    }

    // MARK: Unavailable

    @Test func anHourWithoutMarketoUsesUpNoAttemptAndAllArrivesAfter() async throws {
        try await ForwardingRig.run(speed: 600) { rig in
            rig.marketo.set(.down)
            try await rig.want((0..<1_000).map { .opportunity($0) })
            let end = rig.time.now().adding(seconds: 3_600)
            try await rig.until("an hour later") { rig.time.now() > end }
            let calls = rig.marketo.measured.calls.count { $0.began <= end }
            #expect((1...130).contains(calls), "\(calls) calls, for tokens too")
            #expect(try await rig.store.status().outbox(.parked) == 0)
            rig.marketo.set(.normal)
            try await rig.settled()
            let items = try await rig.store.outbox(OutboxFilter(), after: nil, limit: 2_000)
            #expect(items.count == 1_000)
            #expect(items.allSatisfy { $0.state.attempts == 0 && $0.state.stage == .settled })
        }
    }

    // MARK: Budget

    @Test func noTwentySecondsSeeMoreCallsThanAllowedByMarketosOwnClock() async throws {
        try await ForwardingRig.run(
            speed: 100,
            {
                $0.marketo.callsPer20Seconds = 7
                $0.marketo.concurrentCalls = 3
            },
            options: .unlimited
        ) { rig in
            // One call each, because each contains its own bad record.
            rig.marketo.add(Fault(.none, times: nil, delaySeconds: 0.005))
            for number in 0..<40 {
                try await rig.want(.opportunity(number))
                try await rig.stage(.opportunity(number), is: .settled)
            }
            let measured = rig.marketo.measured
            #expect(measured.total >= 40)
            #expect(measured.mostBegunIn20Seconds <= 7)
            #expect(measured.mostAnsweredIn20Seconds <= 7)
            #expect(measured.mostAtOnce <= 3)
        }
    }

    @Test func complaintsAboutTooManyCallsSlowItDownAndNothingIsLost() async throws {
        var options = SandboxOptions()
        options.limits = SandboxLimits(callsPer20Seconds: 4, concurrentCalls: 2, callsPerDay: nil)
        try await ForwardingRig.run(speed: 400, options: options) { rig in
            try await rig.want((0..<3_000).map { .opportunity($0) })
            try await rig.settled()
            #expect(rig.marketo.book.all(.opportunity).count == 3_000)
            let codes = rig.marketo.measured.codes
            #expect(codes["606", default: 0] + codes["615", default: 0] <= 30, "\(codes)")
        }
    }

    @Test func theDaysCallsSurviveARestart() async throws {
        let store = MemoryStore()
        // The calls of the next day are others.
        let end = CallBudget.resetsAt(TimeSource.systemNow())
        let isOver: @Sendable () -> Bool = { TimeSource.systemNow() >= end }
        try await ForwardingRig.run(store: store, { $0.marketo.callsPerDay = 4 }, options: .unlimited) { rig in
            try await rig.want(.opportunity(1))
            try await rig.settled()
            #expect(rig.forwarding.gate.status.leftToday == 2 || isOver(), "a description and a call")
        }
        try await ForwardingRig.run(store: store, { $0.marketo.callsPerDay = 4 }, options: .unlimited) { rig in
            try await rig.want(.opportunity(2))
            try await rig.settled()
            try await rig.want(.opportunity(3))
            try await rig.until("the day's calls are used up") { rig.forwarding.gate.status.leftToday == 0 || isOver() }
            let stage = try await rig.item(.opportunity(3)).stage
            #expect(stage == .pending && rig.marketo.measured.total == 2 || isOver())
        }
    }

    @Test func aPauseSurvivesARestartAndAcceptsChanges() async throws {
        let store = MemoryStore()
        try await ForwardingRig.run(store: store) { rig in
            let since = try await rig.setPaused(true)
            #expect(since != nil)
        }
        try await ForwardingRig.run(store: store) { rig in
            try await rig.until("paused") { rig.forwarding.gate.status.pausedSince != nil }
            try await rig.want(.opportunity(1))
            #expect(rig.marketo.measured.total == 0)
            _ = try await rig.setPaused(false)
            try await rig.settled()
        }
    }

    /// Any replica may be asked: the order is a row, and a wake-up.
    @Test func anOrderThatIsOnlyWrittenIsFollowed() async throws {
        try await ForwardingRig.run { rig in
            try await rig.store.setPause(since: rig.time.now())
            try await rig.until("paused") { rig.forwarding.gate.status.pausedSince != nil }
            try await rig.store.setPause(since: nil)
            try await rig.until("resumed") { rig.forwarding.gate.status.pausedSince == nil }

            rig.marketo.set(.down)
            try await rig.want(.opportunity(1))
            try await rig.until("held") { rig.forwarding.gate.status.condition != .ok }
            rig.marketo.set(.normal)
            _ = try await rig.store.retry(.all, now: rig.time.now())
            try await rig.settled()
        }
    }
}
