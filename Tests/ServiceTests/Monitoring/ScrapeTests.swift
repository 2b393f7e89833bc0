import Configuration
import Foundation
import MarketoClient
import OnewayCore
import Sandbox
import Store
import Telemetry
import Testing
import Threads

@testable import Admin
@testable import Coordination
@testable import Forwarding
@testable import Intake
@testable import Service

/// Metrics as a monitoring system sees them.
@Suite struct ScrapeTests {
    /// Values by name with labels, such as `oneway_unready{reason="disk"}`.
    static func samples(_ text: String) -> [String: Double] {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                let parts = line.split(separator: " ")
                return parts.count == 2 ? Double(parts[1]).map { (String(parts[0]), $0) } : nil
            }
        )
    }

    private static func scrape(_ rig: ForwardingRig) async -> [String: Double] {
        let readiness = Readiness(store: rig.store)
        readiness.set(.starting, false)
        let scrape = Scrape(
            metrics: rig.metrics,
            store: rig.store,
            leading: { LeadingParts(forwarding: rig.forwarding, completer: nil) },
            readiness: readiness,
            now: rig.time.now
        )
        return samples(await scrape.text())
    }

    @Test func whatGoesToMarketoIsCounted() async throws {
        try await ForwardingRig.run { rig in
            let end = CallBudget.resetsAt(rig.time.now())
            try await rig.want(.company(1), .opportunity(1, company: 1))
            try await rig.settled()
            let seen = await Self.scrape(rig)
            #expect(seen[#"oneway_outbox_records{kind="opportunity",stage="settled"}"#] == 1)
            #expect(seen[#"oneway_records_sent_total{kind="company",result="confirmed"}"#] == 1)
            #expect(seen[#"oneway_records_sent_total{kind="opportunity",result="confirmed"}"#] == 1)
            #expect(seen[#"oneway_marketo_call_seconds_count{call="opportunities.sync"}"#] == 1)
            let calls = rig.marketo.measured.calls.count { !$0.isToken }
            #expect(seen[#"oneway_marketo_answers_total{code="ok"}"#] == Double(calls))
            let hasDayEnded = rig.time.now() >= end
            #expect(seen["oneway_marketo_calls_used_today"] == Double(calls) || hasDayEnded)
            #expect(seen["oneway_forward_lag_seconds"] == 0)
            #expect(seen[#"oneway_marketo_state{state="ok"}"#] == 1)
            #expect(seen["oneway_marketo_paused"] == 0)
        }
    }

    /// Also what nothing waits for: else the least of a day would be that of the times when something waited.
    @Test func whatWaitsShowsWhatFor() async throws {
        try await ForwardingRig.run { rig in
            try await rig.want(.opportunity(1), .role(1, contact: 2))
            try await rig.until("waiting for a lead") {
                try await rig.store.outboxGroups().contains { $0.key.why == "lead" }
            }
            let seen = await Self.scrape(rig)
            #expect(seen[#"oneway_outbox_waiting{kind="role",reason="lead"}"#] == 1)
            for reason in WaitReason.allCases {
                #expect(seen[#"oneway_outbox_waiting{kind="company",reason="\#(reason.rawValue)"}"#] == 0)
            }
        }
    }

    @Test func troubleShowsItsCode() async throws {
        try await ForwardingRig.run(speed: 50) { rig in
            rig.marketo.add(Fault(.record(code: "1003", key: nil, inErrors: false), path: "opportunities"))
            rig.marketo.add(Fault(.status(502), path: "companies"))
            try await rig.want(.company(1), .opportunity(2))
            try await rig.stage(.opportunity(2), is: .parked)
            try await rig.stage(.company(1), is: .settled)
            let seen = await Self.scrape(rig)
            #expect(seen[#"oneway_records_sent_total{kind="opportunity",result="parked"}"#] == 1)
            #expect(seen[#"oneway_outbox_records{kind="opportunity",stage="parked"}"#] == 1)
            #expect(seen[#"oneway_marketo_record_codes_total{code="1003"}"#] == 1)
            #expect(seen[#"oneway_marketo_answers_total{code="http-5xx"}"#] == 1)
            #expect(seen[#"oneway_marketo_answers_total{code="502"}"#] == 0, "that would be Marketo's own code")
            #expect(seen[#"oneway_records_sent_total{kind="company",result="again"}"#] == 1)
        }
    }

    @Test func stoppedAndPausedShow() async throws {
        try await ForwardingRig.run { rig in
            rig.marketo.set(.denied)
            try await rig.want(.opportunity(1))
            try await rig.until("stopped") { await Self.scrape(rig)[#"oneway_marketo_state{state="stopped"}"#] == 1 }
            _ = try await rig.setPaused(true)
            let seen = await Self.scrape(rig)
            #expect(seen["oneway_marketo_paused"] == 1)
            #expect(seen[#"oneway_marketo_state{state="ok"}"#] == 0)
            #expect(seen[#"oneway_marketo_answers_total{code="603"}"#].map { $0 > 0 } == true)
        }
    }

    @Test func theServiceShowsItsStoreAndItself() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await AppTests.withApp(store: .sqlite(path: path)) { ports in
            _ = try await AppTests.ask("POST", ports.public, AppTests.door, notification())
            let seen = try await Self.scraped(ports.admin) {
                $0["oneway_apply_seconds_count"] == 1 && $0["oneway_inbox_unapplied"] == 0
            }
            #expect(seen["oneway_store_commit_appends_sum"] == 1)
            #expect(seen["oneway_apply_rows_sum"] == 1)
            #expect(seen[#"oneway_inbox_rows{outcome="accepted"}"#] == 1)
            for name in ["oneway_store_bytes", "oneway_store_log_bytes", "oneway_disk_free_bytes", "process_open_fds"] {
                #expect(seen[name].map { $0 > 0 } == true, "\(name)")
            }
            #expect(seen["process_resident_memory_bytes"].map { $0 > 1_000_000 } == true)
            #expect(seen[#"oneway_marketo_state{state="not-configured"}"#] == 1)
            #expect(seen["oneway_marketo_calls_left_today"] == nil)
            #expect(Readiness.Obstacle.allCases.allSatisfy { seen[#"oneway_unready{reason="\#($0)"}"#] == 0 })
            #expect(seen[#"oneway_build_info{version="\#(Oneway.version)"}"#] == 1)
        }
    }

    /// Waits until the condition is met.
    private static func scraped(
        _ port: Int,
        when isSo: ([String: Double]) -> Bool
    ) async throws -> [String: Double] {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let seen = samples(try await AppTests.ask("GET", port, "/metrics").body)
            if isSo(seen) || ContinuousClock.now > deadline { return seen }
        }
    }

    @Test func aStoreThatDoesNotAnswerIsLeftOut() async throws {
        let store = MemoryStore()
        await store.close()
        let metrics = ServiceMetrics()
        let scrape = Scrape(
            metrics: metrics,
            store: store,
            leading: { nil },
            readiness: Readiness(store: store),
            now: TimeSource.systemNow
        )
        let seen = Self.samples(await scrape.text())
        #expect(seen["oneway_inbox_unapplied"] == nil && seen["oneway_apply_lag_seconds"] == nil)
        #expect(seen[#"oneway_unready{reason="store"}"#] == 1)
    }

    @Test func agesCountFromTheOldest() async throws {
        var snapshot = MetricsSnapshot(
            now: Timestamp(milliseconds: 10_500),
            store: try await MemoryStore().status()
        )
        snapshot.store?.unappliedSince = Timestamp(milliseconds: 9_000)
        // A clock that was set back gives no negative age.
        snapshot.store?.pendingSince = Timestamp(milliseconds: 11_000)
        let metrics = ServiceMetrics()
        metrics.snapshot.withLock { [snapshot] in $0 = snapshot }
        let seen = Self.samples(metrics.registry.text)
        #expect(seen["oneway_apply_lag_seconds"] == 1.5 && seen["oneway_forward_lag_seconds"] == 0)
    }

    /// Any answer of Marketo or the network maps to one of a few labels.
    @Test func codesAreAClosedSet() {
        func label(_ code: AnswerCode) -> String { code.labels.first?.value ?? "" }
        #expect(label(AnswerCode("1003")) == "1003" && label(AnswerCode("9999")) == "other")
        #expect(label(AnswerCode(nil as CallReading.Whole?)) == "ok")
        let words: [(CallOutcome, String)] = [
            (.notSent("x"), "unreachable"), (.badCredentials("x"), "credentials"), (.tooLarge, "413"),
            (.unknown("x", code: "timeout"), "timeout"), (.unknown("x", code: "cut"), "cut"),
            (.unknown("x", code: "not-json"), "not-json"), (.unknown("x", code: "too-long"), "too-long"),
            (.unknown("x", code: "503"), "http-5xx"), (.unknown("x", code: "404"), "http-4xx"),
            (.unknown("x", code: "302"), "other"), (.unknown("x", code: "stopped"), "stopped"),
        ]
        for (outcome, word) in words {
            #expect(label(AnswerCode(CallReading(outcome, .sync, .opportunity, count: 1).whole)) == word)
        }
        let all = AnswerCode.allCases.map(label)
        #expect(Set(all).count == all.count && ErrorDisposition.codes.isSubset(of: all))
    }
}
