package import DataverseClient
package import Telemetry

/// Measures what Dynamics is asked, and the outcomes.
package struct CompletingMetrics: Sendable {
    private let reads: Labeled<ReadOutcome, Counter>
    private let requests: Labeled<RequestResult, Counter>

    package init(_ metrics: inout Metrics) {
        reads = metrics.counters(
            "oneway_dynamics_reads_total",
            "Records that Dynamics was asked for, by outcome.",
            by: ReadOutcome.self
        )
        requests = metrics.counters(
            "oneway_dynamics_requests_total",
            "Requests to Dynamics by result, those for tokens not counted.",
            by: RequestResult.self
        )
    }

    @Sendable package func note(_ result: RequestResult) { requests[result].increment() }

    func note(_ found: RowsFound, unsettled: Int, of asked: Int) {
        let read = found.rows.count - unsettled
        reads[.read].increment(by: read)
        reads[.unsettled].increment(by: unsettled)
        reads[.missing].increment(by: found.missing.count)
        reads[.hidden].increment(by: found.hidden.count)
        reads[.failed].increment(by: max(0, asked - found.rows.count - found.missing.count - found.hidden.count))
    }

    func noteFailed(_ count: Int) { reads[.failed].increment(by: count) }
}

enum ReadOutcome: String, MetricLabel {
    static let labelName = "outcome"
    case read
    /// It was just being modified, and is read again.
    case unsettled
    /// Dynamics does not have it.
    case missing
    /// Dynamics does not show it to this user.
    case hidden
    case failed
}

extension RequestResult: MetricLabel {
    package static let labelName = "result"
}
