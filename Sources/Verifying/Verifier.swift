package import Applying
import Completing
package import Coordination
package import DataverseClient
package import Forwarding
package import OnewayCore
package import Store
import Synchronization
package import Telemetry

/// Compares both sides as the leader: a job in bounded steps, which a restart continues, within a share of the day's
/// calls. Accepting and forwarding never wait for it.
package final class Verifier: Running {
    /// As many ids as one request to Dynamics takes.
    static let opportunitiesPerStep = 100
    /// As many as one call to Marketo takes.
    static let companiesPerStep = 300
    /// Before it is looked again whether something that holds it up is over, if nobody says when.
    static let lookAgainMilliseconds: Int64 = 2_000
    /// It is looked again no later: an order to one may come unnoticed while the other is worked off.
    static let lookAgainSecondsMax = 60
    static let graceSeconds = 120

    let store: any StoreLeader
    private let intake: any StoreIntake
    let projector: Projector
    let forwarding: Forwarding
    let dynamics: DynamicsReader?
    let time: TimeSource
    private let log: Log
    private let isStopped = Atomic(false)

    /// `graceSeconds`: for so long after a change, Dynamics' notification may be on its way.
    package init(
        store: any StoreLeader,
        intake: any StoreIntake,
        projector: Projector,
        forwarding: Forwarding,
        dataverse: DataverseClient?,
        marketoUsers: Set<GUID>,
        graceSeconds: Int = Verifier.graceSeconds,
        time: TimeSource = .system,
        log: Log
    ) {
        (self.store, self.intake, self.projector, self.forwarding) = (store, intake, projector, forwarding)
        (self.time, self.log) = (time, log)
        dynamics = dataverse.map { client in
            DynamicsReader(
                tables: Tables(client: client, columns: projector.book.columns),
                projector: projector,
                marketoUsers: marketoUsers,
                graceSeconds: graceSeconds,
                time: time
            )
        }
    }

    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        store.signal(.jobs).fire()
    }

    private var isOver: Bool { isStopped.load(ordering: .relaxed) || Task.isCancelled }

    var checker: Checker {
        Checker(store: store, projector: projector, dynamics: dynamics, marketo: forwarding.reader)
    }

    package func run() async {
        let begun = store.signal(.jobs)
        while !isOver {
            // In this order: `stop` sets the flag before it fires the signal.
            let seen = begun.count
            if isOver { return }
            do {
                guard let next = try await workOff() else {
                    await begun.wait(after: seen, time)
                    continue
                }
                let told = begun.count
                if isOver { return }
                let limit = time.now().adding(seconds: Self.lookAgainSecondsMax)
                await begun.wait(after: told, until: min(next, limit), time)
            } catch {
                if (error as? StoreError)?.endsWork == true { return }
                log.error("a comparison waits", [.error: .text("\(error)")])
                await begun.wait(after: begun.count, until: time.now().adding(seconds: 1), time)
            }
        }
    }

    /// All that is left of those that were begun: one that is held up does not hold up the other. Returns when to look
    /// again whether one of them may go on; nil: none is left to do.
    func workOff() async throws -> Timestamp? {
        let comparison = try await workOff(Verification.latest(in: store), \.job, step)
        let survey = try await workOff(Adoption.latest(in: store), \.job, surveyStep)
        return [comparison, survey].compactMap(\.self).min()
    }

    private func workOff<Comparison: LongComparison>(
        _ latest: Comparison?,
        _ job: WritableKeyPath<Comparison, Job>,
        _ step: (inout Comparison) async throws -> Bool
    ) async throws -> Timestamp? {
        guard var comparison = latest, comparison.isRunning else { return nil }
        func end(_ state: Job.State, _ says: String? = nil) async throws {
            if state == .done { comparison[keyPath: job][.total] = comparison.count(.done) }
            comparison[keyPath: job].end(state, says, at: time.now())
            try await store.save(comparison.job)
            log.info("a comparison ended", [.state: .text(state.rawValue), .count: .int(comparison.kept)])
        }
        while !isOver {
            do {
                if try await store.order(to: comparison.job.key) == .cancel {
                    try await end(.cancelled)
                    return nil
                }
                guard try await step(&comparison) else {
                    try await end(.done)
                    return nil
                }
            } catch Obstacle.stopping {
                return nil
            } catch Obstacle.failed(let says) {
                try await end(.failed, says)
                return nil
            } catch Obstacle.held(let until, let says) {
                if comparison.job.message != says {
                    comparison[keyPath: job].message = says
                    try await store.save(comparison.job)
                }
                let limit = time.now().adding(milliseconds: Self.lookAgainMilliseconds)
                return until.map { max($0, limit) } ?? limit
            }
        }
        return nil
    }
}

// MARK: Steps

extension Verifier {
    /// False: nothing is left.
    func step(_ verification: inout Verification) async throws -> Bool {
        try await waitForRules()
        try takeShare(&verification.job, verification.share)
        var checker = checker
        var (checked, done): (Checked, Int)
        let next: Verification.Place?
        switch verification.place {
        case nil:
            try await FindingsBook(.verify).clear(in: store)
            verification.opportunities = try await count(.opportunity)
            verification.job[.total] = try await count(.opportunity, .company)
            (checked, done, next) = (Checked(), 0, .opportunities(after: nil))
        case .opportunities(let last):
            (checked, done, next) = try await opportunities(after: last, verification, &checker)
        case .untold(let link):
            (checked, done, next) = try await untold(link.map(DataverseLink.init), &checker)
        case .companies(let last):
            (checked, done, next) = try await companies(after: last, verification, &checker)
        }
        let sent = verification.work.isRepairing ? try await repair(checked.suspects) : []
        let findings = checked.suspects.map { $0.finding.json(sentAgain: sent.contains($0)) }
        verification.add(.sentAgain, sent.count)
        verification.add(checked)
        if let next { verification.place = next }
        try await save(&verification.job, findings, done: done, calls: checker.marketo.calls)
        return next != nil
    }

    func waitForRules() async throws {
        guard try await store.jobs(.sweep, .running, limit: 1).isEmpty else {
            throw Obstacle.held(until: nil, says: "changed rules are being applied to everything first")
        }
    }

    func count(_ kinds: RecordKind...) async throws -> Int {
        let status = try await store.status()
        return kinds.reduce(0) { $0 + Int(status.outbox[$1]?.values.reduce(0, +) ?? 0) }
    }

    /// A day's share is taken when its first step begins.
    func takeShare(_ job: inout Job, _ share: Int) throws {
        let (status, now) = (forwarding.gate.status, time.now())
        if now.second >= Int64(job[.dayEnds]) {
            (job[.dayEnds], job[.callsToday]) = (Int(status.resetsAt.second), 0)
            job[.callsMax] = status.leftToday * share / 100
        }
        guard job[.callsToday] < job[.callsMax] else {
            let says = "\(job[.callsMax]) calls, its share of today's, are used"
            throw Obstacle.held(until: Timestamp(second: Int64(job[.dayEnds])), says: says)
        }
    }

    /// In this order: a step that is cut off in between overwrites its findings when it is done again.
    func save(_ job: inout Job, _ findings: [JSON], done: Int, calls: Int) async throws {
        job[.kept] = try await FindingsBook(job.key.kind).add(findings, after: job[.kept], in: store)
        job[.done] += done
        job[.calls] += calls
        job[.callsToday] += calls
        job.message = nil
        try await store.save(job)
    }

    private typealias Step = (checked: Checked, done: Int, next: Verification.Place?)

    private func opportunities(
        after last: GUID?,
        _ verification: Verification,
        _ checker: inout Checker
    ) async throws -> Step {
        let all = try await store.records(of: .opportunity, after: last, limit: Self.opportunitiesPerStep)
        let chosen = all.map(\.key.id).filter { verification.isChosen($0) }
        var checked = Checked()
        if !chosen.isEmpty {
            checked = try await checker.check(opportunities: chosen)
            let leads = try await store.outbox(of: chosen).values.joined().compactMap(\.state.lead)
            checked.add(try await checker.strays(leads: Set(leads)))
        }
        let isLast = all.count < Self.opportunitiesPerStep
        let rest: Verification.Place =
            verification.work.sample == nil && dynamics != nil ? .untold(next: nil) : .companies(after: nil)
        return (checked, all.count, isLast ? rest : .opportunities(after: all.last?.key.id))
    }

    private func untold(_ link: DataverseLink?, _ checker: inout Checker) async throws -> Step {
        guard let dynamics else { return (Checked(), 0, .companies(after: nil)) }
        let page = try await dynamics.opportunities(link)
        let known = try await store.records(page.ids.map { RecordKey(.opportunity, $0) })
        let unknown = page.ids.filter { known[RecordKey(.opportunity, $0)] == nil }.sorted()
        var checked = Checked()
        for first in stride(from: 0, to: unknown.count, by: Self.opportunitiesPerStep) {
            let some = unknown[first..<min(first + Self.opportunitiesPerStep, unknown.count)]
            checked.add(try await checker.check(opportunities: Array(some)))
        }
        return (checked, unknown.count, page.next.map { .untold(next: $0.text) } ?? .companies(after: nil))
    }

    private func companies(
        after last: DeliveryKey?,
        _ verification: Verification,
        _ checker: inout Checker
    ) async throws -> Step {
        let filter = OutboxFilter(kind: .company)
        let all = try await store.outbox(filter, after: last, limit: Self.companiesPerStep)
        let chosen = all.filter { item in GUID(item.key.text).map { verification.isChosen($0) } ?? false }
        var checked = Checked()
        if !chosen.isEmpty {
            checked = try await checker.check(companies: chosen)
            checked.add(try await checker.strays(companies: chosen.map(\.key.text)))
        }
        let isLast = all.count < Self.companiesPerStep
        return (checked, all.count, isLast ? nil : .companies(after: all.last?.key))
    }

    /// Returns those for which something was done.
    func repair(_ suspects: [Suspect]) async throws(StoreError) -> Set<Suspect> {
        var sent: Set<Suspect> = []
        for suspect in suspects {
            switch suspect.remedy {
            case .none: continue
            case .send(let key):
                if try await intake.retry(.key(key), now: time.now()) > 0 { sent.insert(suspect) }
            case .ask(let keys):
                let questions = Dictionary(keys.map { ($0, QuestionReason.refresh) }) { first, _ in first }
                try await intake.ask(questions, now: time.now())
                sent.insert(suspect)
            }
        }
        return sent
    }
}
