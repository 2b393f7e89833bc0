import OnewayCore
import Store
package import Telemetry

/// Measures calls of Marketo and their outcomes.
package struct MarketoMetrics: Sendable {
    private let seconds: Labeled<MarketoCallName, Histogram>
    private let answers: Labeled<AnswerCode, Counter>
    private let refused: Labeled<AnswerCode, Counter>
    private let records: Labeled<LabelPair<RecordKind, RecordResult>, Counter>

    /// Marketo's own time-outs are 30 to 90 seconds.
    private static let bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 105]

    package init(_ metrics: inout Metrics) {
        seconds = metrics.histograms(
            "oneway_marketo_call_seconds",
            "Time from a call of Marketo to the end of its answer, by call.",
            by: MarketoCallName.self,
            bounds: Self.bounds
        )
        answers = metrics.counters(
            "oneway_marketo_answers_total",
            "Calls of Marketo by the outcome of the whole call: ok, Marketo's code, or why there is no answer.",
            by: AnswerCode.self
        )
        refused = metrics.counters(
            "oneway_marketo_record_codes_total",
            "Records that Marketo refused in a call that succeeded, by its code.",
            by: AnswerCode.self
        )
        records = metrics.counters(
            "oneway_records_sent_total",
            "Records by kind and the outcome of the attempt to send them to Marketo.",
            by: LabelPair<RecordKind, RecordResult>.self
        )
    }

    func note(_ call: MarketoCall, _ reading: CallReading, seconds taken: Double) {
        seconds[call.name].observe(taken)
        answers[AnswerCode(reading.whole)].increment()
        for case .refused(let complaints) in reading.records {
            refused[AnswerCode(complaints.first?.code ?? "refused")].increment()
        }
    }

    func note(_ settlement: Settlement) {
        guard let result = RecordResult(settlement.verdict) else { return }
        records[LabelPair(settlement.key.kind, result)].increment()
    }
}

enum RecordResult: String, MetricLabel {
    static let labelName = "result"
    case confirmed, again, waiting, parked

    /// Nil when there was no attempt.
    init?(_ verdict: DeliveryVerdict) {
        switch verdict {
        case .confirmed: self = .confirmed
        case .again: self = .again
        case .waits: self = .waiting
        case .parked: self = .parked
        case .postponed: return nil
        }
    }
}

/// The outcome of a call or a record, as one of a few words: an unknown code is `other`.
struct AnswerCode: MetricLabels {
    private let code: String

    private static let words = [
        "ok", "refused", "unreachable", "credentials", "timeout", "cut", "too-long", "stopped", "not-json", "mismatch",
        "413", "http-4xx", "http-5xx", "other",
    ]
    static let allCases = (words + ErrorDisposition.codes.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) })
        .map(AnswerCode.init(known:))
    private static let known = Set(allCases.map(\.code))

    private init(known code: String) { self.code = code }

    /// Marketo's own code, or a word.
    init(_ code: String) { self.code = Self.known.contains(code) ? code : "other" }

    /// HTTP's numbers are not Marketo's, though some look the same.
    init(_ whole: CallReading.Whole?) {
        switch whole {
        case nil: self.init("ok")
        case .notSent(let trouble), .unclear(let trouble), .refused(_, let trouble): self.init(trouble.code)
        case .unknown(let trouble):
            switch Int(trouble.code).map({ $0 / 100 }) {
            case 4: self.init("http-4xx")
            case 5: self.init("http-5xx")
            case .some: self.init("other")
            case nil: self.init(trouble.code)
            }
        }
    }

    var labels: [(name: String, value: String)] { [("code", code)] }
}
