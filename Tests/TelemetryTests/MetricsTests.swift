import Foundation
import TestSupport
import Testing

@testable import Telemetry

private enum Side: String, MetricLabel {
    case `public`, admin
    static let labelName = "listener"
}

private enum Odd: String, MetricLabel {
    case plain, odd = "a \"quoted\\\nvalue"
    static let labelName = "kind"
}

@Suite struct MetricsTests {
    @Test func rendersEveryType() {
        var metrics = Metrics()
        let counter = metrics.counter("oneway_things_total", "Things.")
        let gauge = metrics.gauge("oneway_level", "Level.")
        metrics.gauge("oneway_free_bytes", "Free.") { 1.5 }
        metrics.gauge("oneway_unknown_bytes", "Not known.") { nil }
        let histogram = metrics.histogram("oneway_wait_seconds", "Wait.", bounds: [0.1, 1])
        counter.increment()
        counter.increment(by: 2)
        gauge.set(5)
        gauge.add(-7)
        for value in [0.05, 0.1, 0.5, 2] { histogram.observe(value) }
        #expect(
            metrics.text == """
                # HELP oneway_things_total Things.
                # TYPE oneway_things_total counter
                oneway_things_total 3
                # HELP oneway_level Level.
                # TYPE oneway_level gauge
                oneway_level -2
                # HELP oneway_free_bytes Free.
                # TYPE oneway_free_bytes gauge
                oneway_free_bytes 1.5
                # HELP oneway_unknown_bytes Not known.
                # TYPE oneway_unknown_bytes gauge
                # HELP oneway_wait_seconds Wait.
                # TYPE oneway_wait_seconds histogram
                oneway_wait_seconds_bucket{le="0.1"} 2
                oneway_wait_seconds_bucket{le="1"} 3
                oneway_wait_seconds_bucket{le="+Inf"} 4
                oneway_wait_seconds_sum 2.65
                oneway_wait_seconds_count 4

                """
        )
    }

    @Test func labelsAreThereFromTheStartAndEscaped() {
        var metrics = Metrics()
        let answers = metrics.counters("oneway_answers_total", "A \\ and\na line.", by: LabelPair<Side, Odd>.self)
        answers[LabelPair(.admin, .odd)].increment()
        #expect(
            metrics.text == #"""
                # HELP oneway_answers_total A \\ and\na line.
                # TYPE oneway_answers_total counter
                oneway_answers_total{listener="public",kind="plain"} 0
                oneway_answers_total{listener="public",kind="a \"quoted\\\nvalue"} 0
                oneway_answers_total{listener="admin",kind="plain"} 0
                oneway_answers_total{listener="admin",kind="a \"quoted\\\nvalue"} 1

                """#
        )
    }

    @Test func gaugesAskedAtTheScrapeLeaveOutWhatIsUnknown() {
        var metrics = Metrics()
        metrics.gauges("oneway_lag_seconds", "Lag.", by: Side.self) { [.admin: .infinity] }
        #expect(metrics.text.hasSuffix("gauge\noneway_lag_seconds{listener=\"admin\"} +Inf\n"))
    }

    @Test func durationsAreSeconds() {
        var metrics = Metrics()
        let waits = metrics.histograms("oneway_wait_seconds", "Wait.", by: Side.self, bounds: [0.25])
        waits[.public].observe(.milliseconds(250))
        #expect(metrics.text.contains("oneway_wait_seconds_bucket{listener=\"public\",le=\"0.25\"} 1\n"))
        #expect(metrics.text.contains("oneway_wait_seconds_sum{listener=\"public\"} 0.25\n"))
        #expect(metrics.text.contains("oneway_wait_seconds_count{listener=\"admin\"} 0\n"))
    }

    @Test func countersOnlyGrow() {
        var metrics = Metrics()
        let counter = metrics.counter("oneway_things_total", "Things.")
        counter.increment(by: -5)
        #expect(counter.value == 0)
    }

    @Test func nothingIsLostBetweenThreads() async {
        var metrics = Metrics()
        let counter = metrics.counter("oneway_things_total", "Things.")
        let histogram = metrics.histogram("oneway_wait_seconds", "Wait.", bounds: Histogram.secondsBounds)
        let gauge = metrics.gauge("oneway_level", "Level.")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<5000 {
                        counter.increment()
                        histogram.observe(0.5)
                        gauge.add(1)
                        gauge.add(-1)
                    }
                }
            }
        }
        #expect(counter.value == 40_000)
        #expect(histogram.cumulated.last == 40_000)
        #expect(histogram.sum == 20_000)
        #expect(gauge.value == 0)
    }

    static let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/promtool" }.first(where: FileManager.default.isExecutableFile)

    @Test(.enabled(if: promtool != nil, "promtool comes with Debian's prometheus"))
    func promtoolIsHappy() throws {
        var metrics = Metrics()
        metrics.counters("oneway_answers_total", "Answers, by \\ and \"quotes\".", by: LabelPair<Side, Odd>.self)[
            LabelPair(.public, .odd)
        ].increment()
        metrics.histograms("oneway_wait_seconds", "Wait.", by: Side.self, bounds: Histogram.secondsBounds)[.admin]
            .observe(0.3)
        metrics.gauge("oneway_free_bytes", "Free.") { 1e300 }
        metrics.gauges("oneway_lag_seconds", "Lag.", by: Side.self) { [.admin: .infinity, .public: 0] }
        let check = Program.run(
            [try #require(Self.promtool), "check", "metrics"],
            input: Array(metrics.text.utf8),
            errorsToo: true
        )
        #expect(check.status == 0 && check.output.isEmpty, "\(String(decoding: check.output, as: UTF8.self))")
    }
}
