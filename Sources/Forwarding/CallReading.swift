import Coordination
import MarketoClient
import OnewayCore

/// The outcome of a call, as the forwarder needs it: for all calls, and for the records of this one.
struct CallReading: Sendable {
    enum Whole: Sendable {
        /// The call did not reach Marketo.
        case notSent(DeliveryTrouble)
        /// It may have been done.
        case unknown(DeliveryTrouble)
        /// The answer cannot be the answer to what was sent.
        case unclear(DeliveryTrouble)
        case refused(ErrorDisposition, DeliveryTrouble)
    }

    static let mismatch = "mismatch"

    let signal: CallBudget.Signal
    /// Nil when each record has an outcome of its own.
    let whole: Whole?
    var records: [RecordOutcome] = []
    var answer: MarketoAnswer?

    var requestID: String? { answer?.requestID }

    /// The result of the whole call, as a word or a number.
    var code: String {
        switch whole {
        case nil: "ok"
        case .notSent(let trouble), .unknown(let trouble), .unclear(let trouble), .refused(_, let trouble): trouble.code
        }
    }

    init(_ outcome: CallOutcome, _ purpose: CallPurpose, _ kind: RecordKind, count: Int) {
        switch outcome {
        case .notSent(let says):
            let trouble = DeliveryTrouble(code: "unreachable", message: says)
            (signal, whole) = (.away(trouble), .notSent(trouble))
        case .badCredentials(let says):
            let trouble = DeliveryTrouble(code: "credentials", message: says)
            (signal, whole) = (.stop(trouble), .notSent(trouble))
        case .unknown(let says, let code):
            let trouble = DeliveryTrouble(code: code, message: says)
            (signal, whole) = (.away(trouble), .unknown(trouble))
        case .tooLarge:
            let trouble = DeliveryTrouble(code: "413", message: "the call is larger than Marketo accepts")
            (signal, whole) = (.fine, .refused(.park, trouble))
        case .answered(let answer):
            self.answer = answer
            if !answer.isSuccess {
                let (disposition, trouble) = Self.deciding(answer.complaints, purpose, kind)
                (signal, whole) = (Self.signal(disposition, trouble, count: count), .refused(disposition, trouble))
            } else if purpose == .read {
                (signal, whole) = (.fine, nil)
            } else if let outcomes = answer.outcomes(of: count) {
                (signal, whole, records) = (Self.signal(outcomes, purpose, kind), nil, outcomes)
            } else {
                let says = "Marketo's list of results does not match the \(count) records of the call"
                let trouble = DeliveryTrouble(code: Self.mismatch, message: says)
                (signal, whole) = (.away(trouble), .unclear(trouble))
            }
        }
    }

    /// One complaint decides; a refusal without any has no known code.
    static func deciding(
        _ complaints: [MarketoAnswer.Complaint],
        _ purpose: CallPurpose,
        _ kind: RecordKind
    ) -> (ErrorDisposition, DeliveryTrouble) {
        guard let (disposition, complaint) = ErrorDisposition.deciding(complaints, purpose, kind) else {
            return (.again, DeliveryTrouble(code: "refused", message: "Marketo refused it without a reason"))
        }
        return (disposition, DeliveryTrouble(code: complaint.code, message: complaint.message))
    }

    /// A call of many records that fails as a whole may be one record's fault, or Marketo's: until halving shows which,
    /// calls slow down.
    private static func signal(_ disposition: ErrorDisposition, _ trouble: DeliveryTrouble, count: Int)
        -> CallBudget.Signal
    {
        switch disposition {
        case .stop: .stop(trouble)
        case .away, .doubt: .away(trouble)
        case .nextDay: .nextDay(trouble)
        case .fewerCalls: .fewerCalls
        case .fewerAtOnce: .fewerAtOnce
        case .again: count == 1 ? .unsure : .away(trouble)
        case .done, .noLead, .rolesFirst, .withoutOwner, .withoutFields, .park, .parkTogether: .fine
        }
    }

    private static func signal(
        _ outcomes: [RecordOutcome],
        _ purpose: CallPurpose,
        _ kind: RecordKind
    ) -> CallBudget.Signal {
        for case .refused(let complaints) in outcomes {
            let (disposition, trouble) = deciding(complaints, purpose, kind)
            // Marketo answered for each record: one that failed says nothing about Marketo.
            if disposition == .again { continue }
            let signal = signal(disposition, trouble, count: 1)
            if signal != .fine { return signal }
        }
        return .fine
    }
}
