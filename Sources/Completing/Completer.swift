package import Applying
package import Coordination
package import DataverseClient
package import OnewayCore
package import Store
import Synchronization
package import Telemetry
import Threads

/// Reads from Dynamics what no notification contained, as the leader: questions come from the rules, answers are merged
/// like any other facts. Accepting and forwarding never wait for it.
package final class Completer: Running {
    /// Questions are collected for a moment, because Dynamics answers a hundred at a time for the price of one.
    static let collectMilliseconds: Int64 = 500
    static let questionsMax = 500
    /// Facts merged in one transaction.
    static let factsPerStep = 32
    /// Before a record that was just being modified is read again.
    static let unsettledMilliseconds: Int64 = 2_000
    /// Before a record that Dynamics does not show is asked for again.
    static let hiddenMilliseconds: Int64 = 3_600_000
    static let pause = Pause(first: 5_000, most: 600_000)

    private let store: any StoreLeader
    private let applier: Applier
    private let tables: Tables
    private let marketoUsers: Set<GUID>
    private let metrics: CompletingMetrics
    private let time: TimeSource
    private let log: Log
    private let asked: Signal
    private let isStopped = Atomic(false)
    private let state = Locked(State())

    private struct State: Sendable {
        var hasAnswered = false
        var troubles: [Entity: Trouble] = [:]
    }

    /// Why a table is not asked for a while. In memory alone: a restart, or an operator, tries at once.
    private struct Trouble: Sendable {
        let failure: DataverseFailure
        let count: Int
        let until: Timestamp
    }

    /// The state of the connection, as operators see it.
    package enum Condition: Hashable, Sendable {
        /// Nothing was asked yet.
        case starting
        case ok
        case failing(DataverseFailure)
    }

    package init(
        store: any StoreLeader,
        applier: Applier,
        columns: [Entity: Set<String>],
        client: DataverseClient,
        marketoUsers: Set<GUID>,
        metrics: CompletingMetrics,
        time: TimeSource = .system,
        log: Log
    ) {
        self.store = store
        self.applier = applier
        tables = Tables(client: client, columns: columns)
        self.marketoUsers = marketoUsers
        self.metrics = metrics
        self.time = time
        self.log = log
        asked = store.signal(.questions)
    }

    package var condition: Condition {
        state.withLock { state in
            if let trouble = state.troubles.values.max(by: { $0.until < $1.until }) { return .failing(trouble.failure) }
            return state.hasAnswered ? .ok : .starting
        }
    }

    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        asked.fire()
    }

    /// An operator has repaired something: what is held back may be tried at once.
    package func retryNow() {
        state.withLock { $0.troubles = [:] }
        asked.fire()
    }

    package func run() async {
        while true {
            // In this order: `stop` sets the flag before it fires the signal.
            let seen = asked.count
            if isStopped.load(ordering: .relaxed) || Task.isCancelled { return }
            do throws(StoreError) {
                if let next = try await nextTime(), next <= time.now() {
                    try await askDue()
                } else {
                    await asked.wait(after: seen, until: try await nextTime(), time)
                }
            } catch {
                if error.endsWork { return }
                log.error("cannot complete records now, trying again", [.error: .text("\(error)")])
                let seen = asked.count
                let next = time.now().adding(milliseconds: Self.pause.firstMilliseconds)
                await asked.wait(after: seen, until: next, time)
            }
        }
    }

    /// When the next question may be asked; nil: none is open.
    private func nextTime() async throws(StoreError) -> Timestamp? {
        var next: Timestamp?
        for entity in Entity.allCases {
            guard let due = try await store.openQuestions(of: entity, limit: 1).first?.nextAt else { continue }
            let collected = due.adding(milliseconds: Self.collectMilliseconds)
            let time = max(collected, heldUntil(entity) ?? collected)
            next = min(next ?? time, time)
        }
        return next
    }

    private func heldUntil(_ entity: Entity) -> Timestamp? { state.withLock { $0.troubles[entity]?.until } }
}

// MARK: Asking

extension Completer {
    func askDue() async throws(StoreError) {
        for entity in Entity.allCases {
            let now = time.now()
            if let held = heldUntil(entity), held > now { continue }
            let due = try await store.openQuestions(of: entity, limit: Self.questionsMax)
                .filter { $0.nextAt.map { $0 <= now } ?? false }
            if due.isEmpty { continue }
            guard tables.reads(entity) else {
                try await apply([], due.map { QuestionAnswer($0.key, says: "the configuration does not need it") })
                continue
            }
            switch await tables.rows(due.map(\.key.id), of: entity) {
            case .success(let found): try await answer(due, found)
            case .failure(let failure): try await postpone(due, failure)
            }
        }
    }

    /// A failure of one table does not keep the others waiting.
    private func postpone(_ due: [Question], _ failure: DataverseFailure) async throws(StoreError) {
        let now = time.now()
        state.withLock { state in
            for entity in failure.isOfOneTable ? [due[0].key.entity] : Entity.allCases {
                let count = (state.troubles[entity]?.count ?? 0) + 1
                var until = now.adding(milliseconds: Self.pause.milliseconds(after: count))
                if case .throttled(let end) = failure { until = max(until, end) }
                state.troubles[entity] = Trouble(failure: failure, count: count, until: until)
            }
        }
        metrics.noteFailed(due.count)
        log.warning("Dynamics did not answer", [.count: .int(due.count), .error: .text(failure.says)])
        try await applier.apply([], due.map { QuestionAnswer($0.key, says: failure.says, nextAt: $0.nextAt) })
    }

    private func answer(_ due: [Question], _ found: RowsFound) async throws(StoreError) {
        let (keys, answered) = (due.map(\.key), due[0].key.entity)
        state.withLock { state in
            state.hasAnswered = true
            state.troubles = state.troubles.filter { $0.key != answered && $0.value.failure.isOfOneTable }
        }
        var (facts, answers) = ([MirrorRecord](), [QuestionAnswer]())
        for (row, readAt) in found.rows {
            if let fact = MirrorRecord(row: row, readAt: readAt, marketoUsers) {
                facts.append(fact)
                answers.append(
                    QuestionAnswer(row.key, says: "read as modified \(row.modifiedOn.map { "\($0)" } ?? "")")
                )
            } else {
                let next = time.now().adding(milliseconds: Self.unsettledMilliseconds)
                answers.append(QuestionAnswer(row.key, says: "it was just being modified", nextAt: next))
            }
        }
        metrics.note(found, unsettled: found.rows.count - facts.count, of: keys.count)
        let gone = found.missing.map { RecordKey(answered, $0) }
        let known = try await store.records(gone)
        for key in gone {
            if let end = creationEnd(known[key], due.first { $0.key == key }), end > time.now() {
                answers.append(QuestionAnswer(key, says: Self.notYet, nextAt: end))
                continue
            }
            facts.append(MirrorRecord(gone: key, now: time.now()))
            answers.append(QuestionAnswer(key, says: "Dynamics does not have it"))
        }
        // It is not deleted, so what Marketo holds of it stays.
        let later = time.now().adding(milliseconds: Self.hiddenMilliseconds)
        answers += found.hidden.map {
            QuestionAnswer(RecordKey(answered, $0), says: Self.hidden(answered), nextAt: later)
        }
        let answeredKeys = Set(answers.map(\.key))
        let retry = time.now().adding(milliseconds: Self.pause.mostMilliseconds)
        answers += keys.filter { !answeredKeys.contains($0) }.map {
            QuestionAnswer($0, says: "Dynamics' answer could not be read", nextAt: retry)
        }
        try await apply(facts, answers)
        if !found.hidden.isEmpty {
            log.warning(
                "Dynamics does not show records to this user",
                [.count: .int(found.hidden.count), .kind: .text(answered.rawValue)]
            )
        }
        log.info("read records from Dynamics", [.count: .int(facts.count), .kind: .text(answered.rawValue)])
    }

    /// Until when a record that is not there may be in a transaction that creates it. When a transaction began that only
    /// another record tells of is not known: the first time it is not there, it is given as long as one may take.
    private func creationEnd(_ record: MirrorRecord?, _ question: Question?) -> Timestamp? {
        let now = time.now()
        guard MirrorRecord.mayBeInCreation(record, now: now) else { return nil }
        if let end = record?.transactionEnd { return end }
        guard question?.reason == .unknown, question?.answer != Self.notYet else { return nil }
        return now.adding(milliseconds: QuestionReason.tentative.delayMilliseconds)
    }

    private static let notYet = "Dynamics does not have it yet"

    private static func hidden(_ entity: Entity) -> String {
        "Dynamics has it and does not show it to this user, whose security role needs Read on \(entity.rawValue) at"
            + " organisation level"
    }

    /// In steps: the facts of a step and their answers are one transaction.
    private func apply(_ facts: [MirrorRecord], _ answers: [QuestionAnswer]) async throws(StoreError) {
        let byKey = Dictionary(answers.map { ($0.key, $0) }) { $1 }
        for start in stride(from: 0, to: facts.count, by: Self.factsPerStep) {
            let some = Array(facts[start..<min(start + Self.factsPerStep, facts.count)])
            try await applier.apply(some, some.compactMap { byKey[$0.key] })
        }
        let read = Set(facts.map(\.key))
        let rest = answers.filter { !read.contains($0.key) }
        if !rest.isEmpty { try await applier.apply([], rest) }
    }
}

extension DataverseFailure {
    /// Whether other tables may still be readable.
    fileprivate var isOfOneTable: Bool {
        switch self {
        case .missingPrivilege, .unknownColumn, .unknownTable, .unreadable, .refused: true
        case .unauthorized, .throttled, .unavailable: false
        }
    }
}
