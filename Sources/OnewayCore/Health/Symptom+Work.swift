// Work that does not get done, and a machine that is nearly full.
extension Symptom {
    /// How long the oldest item may wait before the service counts as behind.
    public static let applySecondsMax: Int64 = 60
    public static let forwardSecondsMax: Int64 = 300
    /// So many people, and more than half of all, are not found by mistake rather than by chance.
    static let missingLeadsMin: Int64 = 20
    static let slowCommitShare = 0.05
    static let logBytesMax: Int64 = 512 << 20
    static let diskFreeMin: Int64 = 2 << 30

    static func working(_ facts: HealthFacts) -> [Symptom] {
        var found = lags(facts)
        if let leads = missingLeads(facts) { found.append(leads) }
        if facts.parked > 0 {
            let records = Wording.count(facts.parked, "record needs", "records need")
            found.append(
                Symptom(
                    .parked,
                    "Running; \(records) attention.",
                    "Marketo refuses them: Parked says why, and how to fix it."
                )
            )
        }
        // A role waits until Marketo has the person, which may be never: how many do so is judged by their share.
        if facts.waiting > facts.rolesWithoutLead {
            found.append(
                Symptom(
                    .waiting,
                    "Running; for more than a day, some record or other has been waiting for something else.",
                    "Waiting says for what. With a connection to Dynamics, `oneway refresh ID` reads what is missing."
                )
            )
        }
        if facts.isAlertingFailing {
            found.append(
                Symptom(
                    .alertsFail,
                    "Alerts cannot be posted.",
                    "Check alerts.url, which `oneway check` tries. They are kept, and tried again."
                )
            )
        }
        return found
    }

    private static func lags(_ facts: HealthFacts) -> [Symptom] {
        var found: [Symptom] = []
        if let since = facts.unappliedSince, facts.seconds(since: since) > applySecondsMax {
            found.append(
                Symptom(
                    .applyLag,
                    "Running, but behind: notifications wait to be read.",
                    "After a burst this passes. If it grows, check the log and the load on this machine."
                )
            )
        }
        // While something blocks all, waiting is its consequence.
        let isBlocked = ofMarketo(facts).contains { $0.cause.blocksAll }
        if !isBlocked, let since = facts.pendingSince, facts.seconds(since: since) > forwardSecondsMax {
            found.append(
                Symptom(
                    .forwardLag,
                    "Running, but behind: records wait for Marketo.",
                    "After a burst this passes. If it grows, raise marketo.callsPer20Seconds as far as Marketo allows."
                )
            )
        }
        return found
    }

    private static func missingLeads(_ facts: HealthFacts) -> Symptom? {
        let (missing, found) = (facts.rolesWithoutLead, facts.rolesWithLead)
        guard missing >= missingLeadsMin, missing > found else { return nil }
        let of = Wording.number(missing + found)
        return Symptom(
            .missingLeads,
            "Running, but \(Wording.number(missing)) of \(of) roles find no person in Marketo by \(facts.leadField).",
            "Is marketo.lead.field right? If it is, the contacts are not in Marketo yet: add them, or set marketo.lead.create."
        )
    }

    static func machine(_ facts: HealthFacts) -> [Symptom] {
        var found: [Symptom] = []
        if facts.slowCommits > 0, Double(facts.slowCommits) > slowCommitShare * Double(facts.commits) {
            let says = "The store's disk is slow: Dynamics waits for it."
            found.append(Symptom(.slowDisk, says, "Find out what else uses the disk, or move the store."))
        }
        if facts.logBytes > logBytesMax {
            let says =
                "The store's log is not copied into its file: another process has been reading it for very long."
            found.append(Symptom(.logGrows, says, "End that process: a backup, or a shell that has the file open."))
        }
        if let free = facts.diskFree, free < diskFreeMin || (facts.diskFreeTomorrow ?? .max) < 0, !facts.isDiskFull {
            let says =
                free < diskFreeMin
                ? "The store's disk is nearly full: \(Wording.bytes(free)) are free."
                : "The store's disk will be full within a day."
            found.append(Symptom(.diskFills, says, "Make room, or lower inbox.keepDays."))
        }
        if let most = facts.descriptorsMax, facts.openDescriptors > most * 4 / 5 {
            let says = "More than four fifths of the file descriptors are open."
            found.append(Symptom(.descriptors, says, "Raise the limit, or lower limits.connectionsMax."))
        }
        return found
    }
}
