import Coordination
import MarketoClient
import OnewayCore
import Store
import Telemetry
import Threads

/// The context that every delivery needs.
struct DeliveryContext: Sendable {
    let store: any StoreLeader
    let client: MarketoClient
    let gate: CallGate
    let time: TimeSource
    let lead: LeadSettings
    let fields: FieldBook
    let sendsSalesPersons: Bool
    /// Roles that are in a call, by Marketo's own key: never in two calls at once.
    let busyRoles = Locked(Set<RoleKey>())
    /// Opportunities that are being deleted, by their keys: no role is added to them meanwhile.
    let leaving = Locked(Set<String>())
    /// One search for leads at a time: each also looks up people of other deliveries, who are not looked up twice.
    let leadAsking = AsyncMutex()
    /// Until then a search is about the people of its own delivery only.
    let looksAheadFrom = Locked(Timestamp(milliseconds: 0))
    /// One call at a time creates leads: two at once would create two leads of one person.
    let leadMaking = AsyncMutex()
    /// The people that this call is about, in all spellings.
    let making = Locked(Set<String>())
    /// When an operator last asked for a retry: leads that Marketo lacked before that are searched again.
    let retryAskedAt = Locked(Timestamp(milliseconds: 0))
    /// Fires when calls in flight are not waited for any longer.
    let abandoned = Signal()
    let metrics: MarketoMetrics
    /// Called with the number of records that one answer confirmed.
    let recordsConfirmed: @Sendable (Int) -> Void
    let log: Log

    static let attemptsMax = 5
    static let retryPause = Pause(first: 5_000, most: 600_000)
    /// A record that waits for another is woken by it; this is for unforeseen cases.
    static let dependencyPauseMilliseconds: Int64 = 300_000

    /// The verdict on a record that failed on its own: each attempt is counted and made later than the last, until it
    /// is parked.
    func oneMore(_ trouble: DeliveryTrouble, after attempts: Int, _ requestID: String?) -> DeliveryVerdict {
        if attempts + 1 >= Self.attemptsMax { return .parked(trouble, requestID: requestID) }
        return .again(DeliveryRetry(trouble, requestID: requestID, next: retryTime(after: attempts + 1)))
    }

    /// Marketo may have done it, or may still be working on it until its own time-out, which has passed if we waited
    /// longer.
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
    /// We never cut a call short, because Marketo would complete it all the same; but a service that is stopping does
    /// not wait for ever.
    func call(_ call: MarketoCall) async -> CallOutcome {
        await withCheckedContinuation { continuation in
            let asked = Locked<CheckedContinuation<CallOutcome, Never>?>(continuation)
            let waiting = Task {
                await abandoned.wait(after: 0, time)
                let stopped = CallOutcome.unknown("the service stopped before the answer arrived", code: "stopped")
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

    /// Logs the result for each record; a parked one needs a person.
    func report(_ settlements: [Settlement]) {
        for settlement in settlements {
            metrics.note(settlement)
            let (kind, record) = (LogValue.text(settlement.key.kind.rawValue), LogValue.text(settlement.key.text))
            switch settlement.verdict {
            case .confirmed(let call, _, _):
                log.debug("Marketo confirmed it", [.kind: kind, .record: record, .marketoRequest: .text(call ?? "")])
            case .parked(let trouble, let call):
                log.warning(
                    "Marketo refused it",
                    [.kind: kind, .record: record, .code: .text(trouble.code), .marketoRequest: .text(call ?? "")]
                )
            case .waits(let reason, _, _, _):
                log.debug("waiting", [.kind: kind, .record: record, .reason: .text(reason.rawValue)])
            case .again(let retry):
                log.debug("to be sent again", [.kind: kind, .record: record, .code: .text(retry.trouble.code)])
            case .postponed: log.debug("not sent", [.kind: kind, .record: record])
            }
        }
    }
}

/// How contacts are found among Marketo's leads.
struct LeadSettings: Sendable {
    var field = "externalPersonId"
    var isCreated = false
    /// The partition for created leads.
    var partition: String?
}
