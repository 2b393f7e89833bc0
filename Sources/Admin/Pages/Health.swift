import Coordination
import Forwarding
import Intake
import OnewayCore
import Store

/// The service's health in one sentence; if something is wrong, why, and how to fix it.
struct Health: Hashable {
    enum Tone: String { case good, notice, bad }

    var tone: Tone
    var says: String
    var remedy: String?

    init(_ tone: Tone, _ says: String, _ remedy: String? = nil) {
        (self.tone, self.says, self.remedy) = (tone, says, remedy)
    }

    /// The inputs of the verdict.
    struct Signs {
        var obstacles: [Readiness.Obstacle] = []
        /// Nil: the store does not answer.
        var store: StoreStatus?
        /// Why nothing can be stored, in the store's words.
        var trouble: StoreError?
        /// Nil: Marketo is not configured.
        var gate: CallGate.Status?
        /// Whether a replica applies and forwards, be it this one or another.
        var isLed = true
        var now: Timestamp
    }

    /// How long the oldest item may wait before the service counts as behind.
    static let applySecondsMax: Int64 = 60
    static let forwardSecondsMax: Int64 = 300

    init(_ signs: Signs) {
        self = Self.ofAccepting(signs) ?? Self.ofMarketo(signs) ?? Self.ofWork(signs)
    }

    private static func ofAccepting(_ signs: Signs) -> Health? {
        if signs.obstacles.contains(.disk) {
            return Health(
                .bad,
                "Nothing is accepted: the disk is full.",
                "Make room where the store is, or lower inbox.keepDays. Oneway resumes automatically; Dynamics' system jobs show what it could not deliver."
            )
        }
        if signs.obstacles.contains(.store) || signs.store == nil {
            return Health(
                .bad,
                "Nothing is accepted: the store is not working.",
                "See to the store. Oneway resumes automatically once it works."
            )
        }
        if signs.obstacles.contains(.draining) { return Health(.notice, "Oneway is shutting down.") }
        if signs.obstacles.contains(.starting) { return Health(.notice, "Oneway is starting.") }
        return nil
    }

    private static func ofMarketo(_ signs: Signs) -> Health? {
        if !signs.isLed {
            return Health(
                .notice,
                "Nothing goes to Marketo: no replica leads at this moment.",
                "One takes over within seconds. If none does, the logs of the replicas say why."
            )
        }
        guard let gate = signs.gate else {
            return Health(
                .notice,
                "Nothing goes to Marketo: it is not configured.",
                "Notifications are accepted and kept. \(Remedy.of("not-configured").remedy)"
            )
        }
        if gate.pausedSince != nil {
            return Health(.notice, "Nothing goes to Marketo: an operator paused it.", Remedy.of("paused").remedy)
        }
        if case .stopped(let trouble) = gate.condition {
            let remedy = Remedy.of(trouble.code)
            return Health(
                .bad,
                "Nothing goes to Marketo: \(remedy.means.lowercasedFirst) (\(trouble.code)).",
                remedy.remedy
            )
        }
        if gate.leftToday == 0 {
            return Health(
                .notice,
                "Nothing goes to Marketo: today's calls are used up.",
                "Forwarding resumes at \(Wording.absolute(gate.resetsAt)). marketo.callsPerDay sets the limit."
            )
        }
        if case .backingOff(let trouble) = gate.condition {
            let remedy = Remedy.of(trouble.code)
            return Health(
                .notice,
                "Marketo has a problem: \(remedy.means.lowercasedFirst) (\(trouble.code)).",
                remedy.remedy
            )
        }
        return nil
    }

    private static func ofWork(_ signs: Signs) -> Health {
        guard let status = signs.store else { return Health(.bad, "The store is not working.") }
        let apply = seconds(status.unappliedSince, signs.now)
        let forward = seconds(status.pendingSince, signs.now)
        if apply > applySecondsMax {
            return Health(
                .notice,
                "Running, but behind: notifications wait to be read.",
                "After a burst this passes. If it grows, check the log and the load on this machine."
            )
        }
        if forward > forwardSecondsMax {
            return Health(
                .notice,
                "Running, but behind: records wait for Marketo.",
                "After a burst this passes. If it grows, raise marketo.callsPer20Seconds as far as Marketo allows."
            )
        }
        let parked = status.outbox(.parked)
        if parked > 0 {
            let records = Wording.count(parked, "record needs", "records need")
            return Health(
                .notice,
                "Running; \(records) attention.",
                "See below what Marketo refuses, and how to fix it."
            )
        }
        let under = status.unapplied + status.outbox(.pending)
        if under > 0 {
            return Health(.good, "All is well; \(Wording.count(under, "item is", "items are")) pending.")
        }
        let waiting = status.outbox(.waiting)
        if waiting > 0 {
            return Health(
                .good,
                "All is well; \(Wording.count(waiting, "record waits", "records wait")) for something else."
            )
        }
        return Health(.good, "All is well: Marketo is up to date.")
    }

    static func seconds(_ since: Timestamp?, _ now: Timestamp) -> Int64 {
        since.map { max(0, (now.milliseconds - $0.milliseconds) / 1000) } ?? 0
    }
}

extension String {
    /// For use within a sentence; the name Marketo keeps its capital.
    var lowercasedFirst: String {
        guard let first, !hasPrefix("Marketo") else { return self }
        return first.lowercased() + dropFirst()
    }
}
