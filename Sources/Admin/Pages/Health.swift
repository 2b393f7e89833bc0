import Coordination
import Forwarding
import Intake
import OnewayCore
import Store

/// Whether all is well, in one sentence; where not, why, and what helps.
struct Health: Hashable {
    enum Tone: String { case good, notice, bad }

    var tone: Tone
    var says: String
    var remedy: String?

    init(_ tone: Tone, _ says: String, _ remedy: String? = nil) {
        (self.tone, self.says, self.remedy) = (tone, says, remedy)
    }

    /// All that decides.
    struct Signs {
        var obstacles: [Readiness.Obstacle] = []
        /// Nil: the store does not say.
        var store: StoreStatus?
        /// Nil: Marketo is not configured.
        var gate: CallGate.Status?
        var now: Timestamp
    }

    /// So long may the oldest wait before it is said to be behind.
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
                "Make room where the store is, or lower inbox.keepDays. Oneway goes on by itself; Dynamics' system jobs show what it could not deliver."
            )
        }
        if signs.obstacles.contains(.store) || signs.store == nil {
            return Health(
                .bad,
                "Nothing is accepted: the store does not work.",
                "Look at the log for the reason and at the disk. Oneway goes on by itself once the store works."
            )
        }
        if signs.obstacles.contains(.draining) { return Health(.notice, "Oneway is shutting down.") }
        if signs.obstacles.contains(.starting) { return Health(.notice, "Oneway is starting.") }
        return nil
    }

    private static func ofMarketo(_ signs: Signs) -> Health? {
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
                "Nothing goes to Marketo: the calls of today are used up.",
                "It goes on at \(Wording.absolute(gate.resetsAt)). marketo.callsPerDay sets the limit."
            )
        }
        if case .backingOff(let trouble) = gate.condition {
            let remedy = Remedy.of(trouble.code)
            return Health(
                .notice,
                "Marketo is in trouble: \(remedy.means.lowercasedFirst) (\(trouble.code)).",
                remedy.remedy
            )
        }
        return nil
    }

    private static func ofWork(_ signs: Signs) -> Health {
        guard let status = signs.store else { return Health(.bad, "The store does not work.") }
        let apply = seconds(status.unappliedSince, signs.now)
        let forward = seconds(status.pendingSince, signs.now)
        if apply > applySecondsMax {
            return Health(
                .notice,
                "Running, but behind: notifications wait to be read.",
                "After a burst this passes by itself. If it grows, look at the log, and at how busy this machine is."
            )
        }
        if forward > forwardSecondsMax {
            return Health(
                .notice,
                "Running, but behind: records wait for Marketo.",
                "After a burst this passes by itself. If it grows, raise marketo.callsPer20Seconds as far as Marketo allows."
            )
        }
        let parked = status.outbox(.parked)
        if parked > 0 {
            let records = Wording.count(parked, "record needs", "records need")
            return Health(.notice, "Running; \(records) a person.", "See below what Marketo refuses, and what helps.")
        }
        let under = status.unapplied + status.outbox(.pending)
        if under > 0 {
            return Health(.good, "All is well; \(Wording.count(under, "item is", "items are")) on the way.")
        }
        let waiting = status.outbox(.waiting)
        if waiting > 0 {
            return Health(
                .good,
                "All is well; \(Wording.count(waiting, "record waits", "records wait")) for something else."
            )
        }
        return Health(.good, "All is well: Marketo holds what Dynamics told.")
    }

    static func seconds(_ since: Timestamp?, _ now: Timestamp) -> Int64 {
        since.map { max(0, (now.milliseconds - $0.milliseconds) / 1000) } ?? 0
    }
}

extension String {
    /// Within a sentence; a name stays a name.
    var lowercasedFirst: String {
        guard let first, !hasPrefix("Marketo") else { return self }
        return first.lowercased() + dropFirst()
    }
}
