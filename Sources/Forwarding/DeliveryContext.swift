import Coordination
import MarketoClient
import OnewayCore
import Store
import Telemetry
import Threads

/// What every delivery needs.
struct DeliveryContext: Sendable {
    let store: any StoreLeader
    let client: MarketoClient
    let gate: CallGate
    let time: TimeSource
    let lead: LeadSettings
    let fields: FieldBook
    /// Roles that are in a call, by Marketo's own key: never in two at once.
    let busyRoles = Locked(Set<RoleKey>())
    /// Opportunities that are being deleted, by their keys: none gets a role meanwhile.
    let leaving = Locked(Set<String>())
    /// One call at a time makes leads: two at once would make two of one person.
    let leadMaking = AsyncMutex()
    /// When an operator last said that something was mended: what Marketo lacked before that is asked for anew.
    let retryAskedAt = Locked(Timestamp(milliseconds: 0))
    /// Rung when calls under way are not waited for any longer.
    let abandoned = Signal()
    let metrics: MarketoMetrics
    /// So many records were confirmed by one answer.
    let recordsConfirmed: @Sendable (Int) -> Void
    let log: Log

    static let attemptsMax = 5
    static let retryPause = Pause(first: 5_000, most: 600_000)
    /// What waits for another record is woken by it; this is for what nobody foresaw.
    static let dependencyPauseMilliseconds: Int64 = 300_000

    /// A record that failed by itself: counted, later each time, and parked in the end.
    func oneMore(_ trouble: DeliveryTrouble, after attempts: Int, _ requestID: String?) -> DeliveryVerdict {
        if attempts + 1 >= Self.attemptsMax { return .parked(trouble, requestID: requestID) }
        return .again(DeliveryRetry(trouble, requestID: requestID, next: retryTime(after: attempts + 1)))
    }

    /// Marketo may have done it, or be at work on it until its own time-out, which has passed where we waited longer.
    func doubt(_ trouble: DeliveryTrouble, _ call: MarketoCall, _ requestID: String?, lead: Int64?) -> DeliveryVerdict {
        let seconds = trouble.code == "timeout" ? 0 : call.secondsMax
        let next = time.now().adding(seconds: seconds)
        return .again(
            DeliveryRetry(trouble, requestID: requestID, next: next, isCounted: false, isUnknown: true, lead: lead)
        )
    }

    func retryTime(after attempts: Int) -> Timestamp {
        var random = SystemRandomNumberGenerator()
        return time.now().adding(milliseconds: Self.retryPause.milliseconds(after: attempts, using: &random))
    }
}

extension DeliveryContext {
    /// A call is not cut short by us, because Marketo would do it all the same; but a service that stops does not wait
    /// for it for ever.
    func call(_ call: MarketoCall) async -> CallOutcome {
        await withCheckedContinuation { continuation in
            let asked = Locked<CheckedContinuation<CallOutcome, Never>?>(continuation)
            let waiting = Task {
                await abandoned.wait(after: 0, time)
                let stopped = CallOutcome.unknown("the service stopped before the answer came", code: "stopped")
                asked.withLock { $0.take() }?.resume(returning: stopped)
            }
            Task {
                let outcome = await client.call(call)
                asked.withLock { $0.take() }?.resume(returning: outcome)
                waiting.cancel()
            }
        }
    }

    func report(_ call: MarketoCall, _ reading: CallReading, _ begun: Timestamp) {
        let seconds = Double(time.now().milliseconds - begun.milliseconds) / 1000
        metrics.note(call, reading, seconds: seconds)
        log.debug(
            "called Marketo",
            [
                .kind: .text(call.name.rawValue), .count: .int(call.records), .seconds: .double(seconds),
                .code: .text(reading.code), .marketoRequest: .text(reading.requestID ?? ""),
            ]
        )
    }

    /// The story of each record ends here; what is parked needs a person.
    func report(_ settlements: [Settlement]) {
        for settlement in settlements {
            metrics.note(settlement)
            let (kind, record) = (LogValue.text(settlement.key.kind.rawValue), LogValue.text(settlement.key.text))
            switch settlement.verdict {
            case .confirmed(let call, _, _):
                log.debug("Marketo has it", [.kind: kind, .record: record, .marketoRequest: .text(call ?? "")])
            case .parked(let trouble, let call):
                log.warning(
                    "Marketo refuses it",
                    [.kind: kind, .record: record, .code: .text(trouble.code), .marketoRequest: .text(call ?? "")]
                )
            case .waits(let reason, _, _, _):
                log.debug("it waits", [.kind: kind, .record: record, .reason: .text(reason.rawValue)])
            case .again(let retry):
                log.debug("it is sent again", [.kind: kind, .record: record, .code: .text(retry.trouble.code)])
            case .postponed: log.debug("it was not sent", [.kind: kind, .record: record])
            }
        }
    }
}

/// How a contact is found among Marketo's leads.
struct LeadSettings: Sendable {
    var field = "externalPersonId"
    var isCreated = false
    /// Where leads that are made go.
    var partition: String?
}
