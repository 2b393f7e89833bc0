import OnewayCore
import Testing

/// One verdict for each state, the most serious cause first.
@Suite struct VerdictTests {
    static let now = Timestamp(second: 1_772_500_000)
    static func ago(_ seconds: Int64) -> Timestamp { Timestamp(second: now.second - seconds) }

    /// Nothing has come for hours, so many days after the Tuesday that is now.
    private static func quiet(daysLater: Int64) -> HealthFacts {
        facts {
            $0.now = ago(-86_400 * daysLater)
            $0.newestNotificationAt = ago(-86_400 * daysLater + 30_000)
            $0.cameYesterday = true
        }
    }

    /// A service that works, changed a little.
    static func facts(_ change: (inout HealthFacts) -> Void = { _ in }) -> HealthFacts {
        var facts = HealthFacts(now: now)
        (facts.settled, facts.newestNotificationAt) = (1, ago(60))
        (facts.rolesWithLead, facts.leadField) = (1, "externalPersonId")
        facts.diskFree = 50 << 30
        change(&facts)
        return facts
    }

    private static let denied = DeliveryTrouble(code: "603", message: "Access denied: Bob's secret words")
    private static let down = DeliveryTrouble(code: "608", message: "Bob's secret words")
    private static let badSecret = DeliveryTrouble(code: "credentials", message: "Bob's secret words")

    /// The facts, the causes in order, and words of the headline.
    static let cases: [(String, HealthFacts, [Cause], String)] = [
        ("well", facts(), [], "All is well: Marketo is up to date."),
        ("under way", facts { $0.pending = 1 }, [], "1 item is pending"),
        ("disk full", facts { ($0.isDiskFull, $0.diskFree) = (true, 0) }, [.disk], "disk is full"),
        ("store", facts { $0.isStoreWorking = false }, [.store], "store is not working"),
        ("503", facts { $0.turnedAway = 1 }, [.turningAway], "answered 503"),
        ("draining", facts { $0.isDraining = true }, [.draining], "shutting down"),
        ("401", facts { $0.unauthorized = 6 }, [.unauthorized], "without a valid key"),
        ("a few 401", facts { $0.unauthorized = 5 }, [], "All is well"),
        ("no leader", facts { ($0.isLed, $0.marketo) = (false, nil) }, [.noLeader], "no replica leads"),
        ("no Marketo", facts { $0.marketo = nil }, [.notConfigured], "not configured"),
        ("stopped", facts { $0.marketo?.condition = .stopped(denied) }, [.marketoStopped], "(603)"),
        (
            "stopped and paused",
            facts {
                $0.marketo?.condition = .stopped(denied)
                $0.marketo?.pausedSince = now
            }, [.marketoStopped, .paused], "(603)"
        ),
        (
            "a wrong secret, nothing sent yet", facts { $0.marketo?.probe = .denied(badSecret, what: nil) },
            [.marketoDenied], "client id or secret"
        ),
        (
            "a missing permission", facts { $0.marketo?.probe = .denied(denied, what: "companies") }, [.marketoDenied],
            "(603, when asked about companies)"
        ),
        ("unreachable", facts { $0.marketo?.probe = .away(down) }, [.marketoAway], "has a problem"),
        ("away", facts { $0.marketo?.condition = .backingOff(down) }, [.marketoAway], "has a problem"),
        ("paused", facts { $0.marketo?.pausedSince = now }, [.paused], "paused"),
        ("no calls", facts { $0.marketo?.leftToday = 0 }, [.budgetUsedUp], "today's calls are used up"),
        (
            "few calls",
            facts {
                $0.marketo?.usedToday = 46_000
                $0.marketo?.leftToday = 4_000
            }, [.budgetLow], "tenth of today's calls"
        ),
        (
            "enough calls",
            facts {
                $0.marketo?.usedToday = 45_000
                $0.marketo?.leftToday = 5_000
            }, [], "All is well"
        ),
        ("unread", facts { $0.unappliedSince = ago(61) }, [.applyLag], "behind"),
        ("unsent", facts { $0.pendingSince = ago(301) }, [.forwardLag], "behind"),
        (
            "unsent because of a pause",
            facts {
                $0.pendingSince = ago(301)
                $0.marketo?.pausedSince = ago(400)
            }, [.paused], "paused"
        ),
        ("parked", facts { $0.parked = 2 }, [.parked], "2 records need attention"),
        (
            "quarantined",
            facts {
                $0.quarantined = 1
                $0.newestQuarantinedAt = ago(7200)
            }, [.quarantined], "1 notification is in quarantine"
        ),
        (
            "quarantined long ago",
            facts {
                $0.quarantined = 1
                $0.newestQuarantinedAt = ago(90_000)
            }, [], "All is well"
        ),
        ("set aside", facts { $0.setAside = 1 }, [.setAside], "could not be applied"),
        (
            "nobody found",
            facts {
                $0.rolesWithoutLead = 10_002
                $0.waiting = 10_002
            }, [.missingLeads], "10,002 of 10,003 roles find no person in Marketo by externalPersonId"
        ),
        ("half is found", facts { ($0.rolesWithoutLead, $0.rolesWithLead) = (500, 500) }, [], "All is well"),
        ("a handful", facts { $0.rolesWithoutLead = 19 }, [], "All is well"),
        ("waiting for an hour", facts { $0.waiting = 1_000 }, [], "1,000 records wait"),
        ("quiet", quiet(daysLater: 0), [.quiet], "Nothing has arrived"),
        ("quiet on Friday", quiet(daysLater: 3), [.quiet], "Nothing has arrived"),
        ("quiet on Saturday", quiet(daysLater: 4), [], "All is well"),
        ("quiet on Sunday", quiet(daysLater: 5), [], "All is well"),
        ("quiet on Monday", quiet(daysLater: 6), [.quiet], "Nothing has arrived"),
        ("lost changes", facts { $0.untoldChanges = 3 }, [.untold], "3 changes in Dynamics were not reported"),
        ("a quiet week", facts { $0.newestNotificationAt = ago(30_000) }, [], "All is well"),
        ("Dynamics", facts { $0.isDynamicsAway = true }, [.dynamicsAway], "Dynamics does not answer"),
        ("slow disk", facts { ($0.commits, $0.slowCommits) = (100, 6) }, [.slowDisk], "disk is slow"),
        ("one slow commit", facts { ($0.commits, $0.slowCommits) = (100, 5) }, [], "All is well"),
        ("log", facts { $0.logBytes = 513 << 20 }, [.logGrows], "log is not copied"),
        ("little room", facts { $0.diskFree = 1 << 30 }, [.diskFills], "nearly full"),
        ("room for a day", facts { $0.diskFreeTomorrow = -1 }, [.diskFills], "full within a day"),
        ("descriptors", facts { ($0.openDescriptors, $0.descriptorsMax) = (900, 1024) }, [.descriptors], "descriptors"),
        ("alerts", facts { $0.isAlertingFailing = true }, [.alertsFail], "Alerts cannot be posted"),
        ("starting", facts { $0.isStarting = true }, [.starting], "is starting"),
        (
            "Marketo not asked yet", facts { $0.marketo?.probe = HealthFacts.Probe.none }, [.marketoUnproven],
            "not answered yet"
        ),
        (
            "empty", facts { ($0.settled, $0.newestNotificationAt) = (0, nil) }, [.noNotification],
            "nothing has arrived from Dynamics yet"
        ),
        ("nothing sent yet", facts { $0.settled = 0 }, [.noRecord], "no record has reached Marketo yet"),
        (
            "much at once",
            facts {
                ($0.parked, $0.turnedAway, $0.isDynamicsAway) = (1, 1, true)
                $0.settled = 0
            }, [.turningAway, .parked, .dynamicsAway, .noRecord], "answered 503"
        ),
    ]

    @Test func eachStateHasItsVerdict() {
        for (name, facts, causes, says) in Self.cases {
            var memory = HealthMemory()
            let verdict = memory.verdict(on: facts)
            #expect(verdict.causes.map(\.cause) == causes, "\(name): \(verdict)")
            #expect(verdict.sentence.contains(says), "\(name): \(verdict.sentence)")
            #expect(verdict.code == causes.first?.rawValue ?? "ok", "\(name)")
            #expect(verdict.level == causes.first?.level ?? .ok, "\(name)")
            // Marketo's words may hold what was in a record.
            let words = verdict.causes.map { $0.symptom.sentence + ($0.symptom.remedy ?? "") }.joined()
            #expect(!words.contains("Bob"), "\(name)")
            for standing in verdict.causes where standing.cause.level == .broken {
                #expect(standing.symptom.remedy != nil, "\(name)")
            }
        }
        let seen = Set(Self.cases.flatMap(\.2))
        #expect(Set(Cause.allCases).subtracting(seen) == [.waiting], "each cause is in the table, or below")
    }

    /// What waits shows after a day, and a restart between does not begin it anew.
    @Test func waitingShowsAfterADay() {
        var memory = HealthMemory()
        let waits = Self.facts { $0.waiting = 1 }
        #expect(memory.verdict(on: waits).level == .ok)
        memory = HealthMemory(kept: memory.kept)
        var later = waits
        later.now = Timestamp(second: Self.now.second + 86_399)
        later.newestNotificationAt = later.now
        #expect(memory.verdict(on: later).level == .ok)
        later.now = Timestamp(second: Self.now.second + 86_400)
        let verdict = memory.verdict(on: later)
        #expect(verdict.causes.map(\.cause) == [.waiting] && verdict.causes[0].since == Self.now)
        // Once nothing waited, it begins anew.
        later.waiting = 0
        #expect(memory.verdict(on: later).level == .ok)
        later.waiting = 1
        #expect(memory.verdict(on: later).level == .ok)
    }

    /// Contacts who are not in Marketo are normal: their roles may wait for ever, unless they are too many.
    @Test func rolesWithoutLeadsKeepItGreen() {
        var memory = HealthMemory()
        var facts = Self.facts { ($0.waiting, $0.rolesWithoutLead, $0.rolesWithLead) = (41, 41, 7_409) }
        func later(_ days: Int64) -> Verdict {
            facts.now = Timestamp(second: Self.now.second + 86_400 * days)
            facts.newestNotificationAt = facts.now
            return memory.verdict(on: facts)
        }
        #expect(later(0).level == .ok)
        #expect(later(2).sentence == "All is well; 41 records wait for something else.")
        // One more waits for something else.
        facts.waiting = 42
        #expect(later(3).level == .ok)
        #expect(later(4).causes.map(\.cause) == [.waiting])
    }

    @Test func sinceIsWhenItBegan() {
        var memory = HealthMemory()
        var facts = Self.facts { $0.parked = 1 }
        _ = memory.verdict(on: facts)
        facts.now = Timestamp(second: Self.now.second + 60)
        facts.parked = 2
        #expect(memory.verdict(on: facts).since == Self.now)
        facts.turnedAway = 1
        let worse = memory.verdict(on: facts)
        #expect(worse.since == facts.now)
        #expect(worse.causes.map(\.since) == [facts.now, Self.now])
        #expect(HealthMemory(kept: memory.kept) == memory)
        #expect(HealthMemory(kept: Array("nonsense".utf8)) == HealthMemory())
    }

    @Test func whatBlocksAllIsNamed() {
        for (_, facts, causes, _) in Self.cases {
            var memory = HealthMemory()
            #expect(memory.verdict(on: facts).blocker?.cause == causes.first(where: \.blocksAll))
        }
    }

    /// The order of the declaration is that of the levels.
    @Test func causesAreInOrder() {
        let levels = Cause.allCases.map(\.level)
        #expect(levels == levels.sorted(by: >))
    }

    @Test func growthIsOverATime() {
        var growth = Growth(over: 300, at: Self.now)
        func at(_ seconds: Int64) -> Timestamp { Timestamp(second: Self.now.second + seconds) }
        #expect(growth.look(5, at(10)) == 5)
        #expect(growth.look(5, at(200)) == 5)
        #expect(growth.look(5, at(320)) == 0, "it was 5 at second 10 already")
        #expect(growth.look(7, at(330)) == 2)
        for second in stride(from: Int64(340), to: 5_000, by: 5) { #expect(growth.look(7, at(second)) <= 2) }
        #expect(growth.look(7, at(5_000)) == 0)
    }

    @Test func theDiskIsSeenToFill() {
        let gigabyte: Int64 = 1 << 30
        func at(_ seconds: Int64) -> Timestamp { Timestamp(second: Self.now.second + seconds) }
        var growth = Growth(over: 21_600, from: 50 * gigabyte, at: Self.now)
        #expect(growth.extrapolate(49 * gigabyte, at(1800), seconds: 86_400) == nil, "too early to tell")
        let tomorrow = growth.extrapolate(46 * gigabyte, at(3600), seconds: 86_400)
        #expect(tomorrow.map { $0 < 0 } == true)
        #expect(growth.extrapolate(50 * gigabyte, at(7200), seconds: 86_400) == 50 * gigabyte)
    }
}
