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
    static let pause = Pause(first: 5_000, most: 600_000)

    private let store: any StoreLeader
    private let applier: Applier
    private let tables: Tables
    private let marketoUsers: Set<GUID>
    private let time: TimeSource
    private let log: Log
    private let asked: Signal
    private let isStopped = Atomic(false)
    private let state = Locked(State())

    private struct State: Sendable {
        var failures = 0
        var condition = Condition.starting
        var heldUntil: Timestamp?
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
        time: TimeSource = .system,
        log: Log
    ) {
        self.store = store
        self.applier = applier
        tables = Tables(client: client, columns: columns)
        self.marketoUsers = marketoUsers
        self.time = time
        self.log = log
        asked = store.signal(.questions)
    }

    package var condition: Condition { state.withLock { $0.condition } }

    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        asked.fire()
    }

    /// An operator has repaired something: what is held back may be tried at once.
    package func retryNow() {
        state.withLock { ($0.heldUntil, $0.failures) = (nil, 0) }
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
                hold(for: Self.pause.firstMilliseconds)
            }
        }
    }

    /// When the next question may be asked; nil: none is open.
    private func nextTime() async throws(StoreError) -> Timestamp? {
        guard let due = try await store.openQuestions(limit: 1).first?.nextAt else { return nil }
        let collected = due.adding(milliseconds: Self.collectMilliseconds)
        return max(collected, state.withLock { $0.heldUntil } ?? collected)
    }

    private func hold(for milliseconds: Int64) {
        let until = time.now().adding(milliseconds: milliseconds)
        state.withLock { $0.heldUntil = until }
    }
}

// MARK: Asking

extension Completer {
    func askDue() async throws(StoreError) {
        let now = time.now()
        let due = try await store.openQuestions(limit: Self.questionsMax).filter {
            $0.nextAt.map { $0 <= now } ?? false
        }
        for entity in Entity.allCases {
            let keys = due.map(\.key).filter { $0.entity == entity }
            if keys.isEmpty { continue }
            switch await tables.rows(keys.map(\.id), of: entity) {
            case .success(let found): try await answer(keys, found)
            case .failure(let failure):
                // One that concerns this table alone does not keep the others waiting.
                if try await !postpone(keys, failure) { return }
            }
        }
    }

    /// Returns whether the next table may be asked.
    private func postpone(_ keys: [RecordKey], _ failure: DataverseFailure) async throws(StoreError) -> Bool {
        let failures = state.withLock { state in
            state.failures += 1
            state.condition = .failing(failure)
            return state.failures
        }
        var next = time.now().adding(milliseconds: Self.pause.milliseconds(after: failures))
        if case .throttled(let until) = failure { next = max(next, until) }
        log.warning("Dynamics did not answer", [.count: .int(keys.count), .error: .text(failure.says)])
        try await applier.apply([], keys.map { QuestionAnswer($0, says: failure.says, nextAt: next) })
        if failure.isOfOneTable { return true }
        state.withLock { $0.heldUntil = next }
        return false
    }

    private func answer(_ keys: [RecordKey], _ found: RowsFound) async throws(StoreError) {
        state.withLock { ($0.failures, $0.condition, $0.heldUntil) = (0, .ok, nil) }
        var (facts, answers) = ([MirrorRecord](), [QuestionAnswer]())
        for (row, readAt) in found.rows {
            if let fact = MirrorRecord(row: row, readAt: readAt) {
                facts.append(refused(fact, row))
                answers.append(
                    QuestionAnswer(row.key, says: "read as modified \(row.modifiedOn.map { "\($0)" } ?? "")")
                )
            } else {
                let next = time.now().adding(milliseconds: Self.unsettledMilliseconds)
                answers.append(QuestionAnswer(row.key, says: "it was just being modified", nextAt: next))
            }
        }
        for id in found.missing {
            let key = keys.first { $0.id == id }
            guard let key else { continue }
            var fact = MirrorRecord(key)
            fact.markDeleted(atSecond: time.now().second)
            facts.append(fact)
            answers.append(QuestionAnswer(key, says: "Dynamics does not have it, or does not show it to this user"))
        }
        let answered = Set(answers.map(\.key))
        let retry = time.now().adding(milliseconds: Self.pause.mostMilliseconds)
        answers += keys.filter { !answered.contains($0) }.map {
            QuestionAnswer($0, says: "Dynamics' answer could not be read", nextAt: retry)
        }
        try await apply(facts, answers)
        log.info("read records from Dynamics", [.count: .int(facts.count), .kind: .text(keys[0].entity.rawValue)])
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

    /// R2: an opportunity that Marketo's user created is refused, however it is found.
    private func refused(_ fact: MirrorRecord, _ row: DynamicsRow) -> MirrorRecord {
        guard fact.key.entity == .opportunity, let user = row.createdBy, marketoUsers.contains(user) else {
            return fact
        }
        var refused = fact
        let created = if case .time(let time)? = row.columns["createdon"] { time.second } else { time.now().second }
        refused.markRefused(Refusal(second: created, user: user))
        return refused
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
