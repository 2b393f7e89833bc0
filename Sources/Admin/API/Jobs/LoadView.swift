import Forwarding
import Loading
import OnewayCore
import Store

/// A load as the API shows it: how far it is, and when it will probably end.
struct LoadView {
    let load: LoadJob
    let order: JobOrder?
    let status: StoreStatus
    let missingPeople: Int64
    let gate: CallGate.Status?
    let callsPer20Seconds: Int
    let now: Timestamp

    private var isRunning: Bool { load.job.state == .running }

    var state: String { isRunning && order == .pause ? "paused" : load.job.state.rawValue }

    private var progress: (done: Int64, total: Int64?, unit: String) {
        switch load.phase {
        case .opportunities, .connections, .contacts, .accounts:
            let entity = load.phase.entity ?? .opportunity
            return (Int64(load.read(entity)), load.expected(entity).map(Int64.init), load.phase.rawValue)
        case .deciding:
            return (Int64(load.job.counts["decided"] ?? 0), status.opportunitiesKnown, "opportunities")
        case .sending:
            let all = DeliveryState.Stage.allCases.reduce(0) { $0 + status.outbox($1) }
            return (all - status.outbox(.pending), all, "records")
        }
    }

    /// Reading and deciding as fast as so far, then sending at the pace of the budget; not before tomorrow if today's
    /// calls are used up.
    var endsAt: Timestamp? {
        guard isRunning, order == nil else { return nil }
        let (done, total, _) = progress
        let seconds = max(1, now.second - load.phaseBeganAt)
        let calls = status.outbox(.pending) / Int64(MarketoBatches.recordsMax) + 1
        let sending = gate == nil ? 0 : calls * 20 / Int64(max(1, callsPer20Seconds))
        if let gate, gate.leftToday < calls { return gate.resetsAt.adding(second: sending) }
        if load.phase == .sending { return now.adding(second: sending) }
        guard let total, done > 0 else { return nil }
        let own = max(0, total - done) * seconds / done
        return now.adding(second: max(own, sending))
    }

    var json: JSON {
        let (done, total, unit) = progress
        let read = Entity.reported.map { JSON.Member($0.rawValue, .int(load.read($0))) }
        return [
            "id": .string(load.job.key.name), "state": .string(state), "phase": .string(load.phase.rawValue),
            "progress": ["done": .int(done), "total": total.map { .int($0) } ?? .null, "unit": .string(unit)],
            "startedAt": .string("\(load.job.startedAt)"), "endedAt": .optional(load.job.endedAt.map { "\($0)" }),
            "endsAt": .optional(endsAt.map { "\($0)" }), "message": .optional(load.job.message),
            "work": load.work.json,
            "result": [
                "read": .object(read), "requests": .int(load.requests),
                "inMarketo": .int(status.opportunitiesHeld), "pending": .int(status.outbox(.pending)),
                "waiting": .int(status.outbox(.waiting)), "parked": .int(status.outbox(.parked)),
                "missingPeople": .int(missingPeople), "callsLeft": .int(gate?.leftToday ?? 0),
            ],
        ]
    }
}

extension Timestamp {
    fileprivate func adding(second more: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + more * 1000) }
}
