/// One cause that is present, in words for people. Never with text from a notification or of Marketo's.
public struct Symptom: Hashable, Sendable {
    public let cause: Cause
    public let sentence: String
    /// What to do; nil: nothing.
    public let remedy: String?

    public init(_ cause: Cause, _ sentence: String, _ remedy: String? = nil) {
        (self.cause, self.sentence, self.remedy) = (cause, sentence, remedy)
    }

    /// All that is present, the most serious first.
    public static func all(_ facts: HealthFacts) -> [Symptom] {
        let found = accepting(facts) + ofMarketo(facts) + working(facts) + machine(facts) + unproven(facts)
        // In the order of their declaration, which keeps to the levels.
        return Cause.allCases.flatMap { cause in found.filter { $0.cause == cause } }
    }

    /// The sentence of a service without any cause.
    public static func well(_ facts: HealthFacts) -> String {
        let under = facts.unapplied + facts.pending
        if under > 0 { return "All is well; \(Wording.count(under, "item is", "items are")) pending." }
        if facts.waiting > 0 {
            return "All is well; \(Wording.count(facts.waiting, "record waits", "records wait")) for something else."
        }
        return "All is well: Marketo is up to date."
    }
}

// MARK: From Dynamics

extension Symptom {
    /// As `OnewayUnauthorized` has it.
    static let unauthorizedMax = 5
    static let quietSeconds: Int64 = 6 * 3600
    /// A quarantined notification is told for so long; then it is only counted.
    static let quarantinedSeconds: Int64 = 86_400

    private static func accepting(_ facts: HealthFacts) -> [Symptom] {
        var found: [Symptom] = []
        if facts.isDiskFull {
            found.append(
                Symptom(
                    .disk,
                    "Nothing is accepted: the disk is full.",
                    "Make room where the store is, or lower inbox.keepDays. Oneway resumes automatically; Dynamics' system jobs show what it could not deliver."
                )
            )
        } else if !facts.isStoreWorking {
            found.append(
                Symptom(
                    .store,
                    "Nothing is accepted: the store is not working.",
                    "See to the store. Oneway resumes automatically once it works."
                )
            )
        }
        if facts.isDraining { found.append(Symptom(.draining, "Oneway is shutting down.")) }
        if facts.turnedAway > 0 {
            found.append(
                Symptom(
                    .turningAway,
                    "Dynamics was answered 503 in the last five minutes: it tries again once, then the notification is lost.",
                    "Check the disk, the store, and the load on this machine; then have lost ones sent again (operating.md)."
                )
            )
        }
        if facts.unauthorized > unauthorizedMax {
            found.append(
                Symptom(
                    .unauthorized,
                    "Notifications arrive without a valid key.",
                    "Compare the webhook's authentication in Dynamics with dynamics.keys, headers, or query; or find out who else calls."
                )
            )
        }
        return found + reading(facts)
    }

    private static func reading(_ facts: HealthFacts) -> [Symptom] {
        var found: [Symptom] = []
        if let newest = facts.newestQuarantinedAt, facts.seconds(since: newest) < quarantinedSeconds {
            let many = Wording.count(facts.quarantined, "notification is", "notifications are")
            found.append(
                Symptom(
                    .quarantined,
                    "Dynamics sends what cannot be read: \(many) in quarantine.",
                    "See the reason of each in Quarantine; read them again once it is fixed."
                )
            )
        }
        if facts.setAside > 0 {
            found.append(
                Symptom(
                    .setAside,
                    "Accepted notifications could not be applied, and are in quarantine.",
                    "See the reason of each in Quarantine; read them again once it is fixed."
                )
            )
        }
        let isQuiet = facts.newestNotificationAt.map { facts.seconds(since: $0) > quietSeconds } ?? false
        if isQuiet, facts.cameYesterday, !facts.now.isWeekend {
            found.append(
                Symptom(
                    .quiet,
                    "Nothing has arrived from Dynamics for 6 hours, but something did yesterday.",
                    "Check that the steps in Dynamics are enabled, and look at its system jobs."
                )
            )
        }
        if facts.untoldChanges > 0 {
            let many = Wording.count(facts.untoldChanges, "change in Dynamics was", "changes in Dynamics were")
            found.append(
                Symptom(
                    .untold,
                    "\(many) not reported by a webhook; found and put right.",
                    "`oneway reconcile --last`, or the list below, says which, and why probably."
                )
            )
        }
        if facts.isDynamicsAway {
            found.append(
                Symptom(
                    .dynamicsAway,
                    "Dynamics does not answer what Oneway asks.",
                    "`oneway status` says what it answers; `oneway check` tries it."
                )
            )
        }
        return found
    }
}

// MARK: Nothing proven yet

extension Symptom {
    private static func unproven(_ facts: HealthFacts) -> [Symptom] {
        if facts.isStarting { return [Symptom(.starting, "Oneway is starting.")] }
        var found: [Symptom] = []
        if facts.marketo?.probe == HealthFacts.Probe.none {
            found.append(Symptom(.marketoUnproven, "Oneway has started, and Marketo has not answered yet."))
        }
        guard facts.isStoreWorking, facts.marketo != nil, facts.settled == 0 else { return found }
        if facts.newestNotificationAt == nil {
            found.append(
                Symptom(
                    .noNotification,
                    "Ready, and nothing has arrived from Dynamics yet.",
                    "Register the webhook (`oneway register`), then change an opportunity in Dynamics."
                )
            )
        } else {
            found.append(
                Symptom(
                    .noRecord,
                    "Notifications arrive, and no record has reached Marketo yet.",
                    "If this lasts, look at an opportunity's page: it says what it waits for."
                )
            )
        }
        return found
    }
}

extension Timestamp {
    /// Saturday or Sunday, in UTC: the first day of all was a Thursday.
    fileprivate var isWeekend: Bool { (second / 86_400 + 3) % 7 >= 5 }
}

extension HealthFacts {
    func seconds(since time: Timestamp) -> Int64 { max(0, (now.milliseconds - time.milliseconds) / 1000) }
}
