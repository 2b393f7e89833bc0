import OnewayCore
import TestSupport
import Testing

@testable import Store

/// One operation on a store.
enum Step {
    case append(Int, Outcome)
    case apply(rows: Int, record: Int, desired: Int, text: String?, isHeld: Bool)
    case setAside
    case claim(RecordKind, Int)
    case claimAndSettle(RecordKind, Int)
    case retry(RetryScope)
    case doubt(DeliveryKey)
    case replay(Int)
    case prune(age: Int64, rows: Int)
    case refuse(Int)
    /// Damages one body among this many of the newest rows.
    case damage(Int)
    case roles(Int)
    case mentions(Int, limit: Int)
    case erase(Int)
    case list(InboxFilter, limit: Int)
    case listOutbox(OutboxFilter, limit: Int)

    static func random(using random: inout Seeded) -> Step {
        func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        let kind = RecordKind.allCases[number(RecordKind.allCases.count)]
        switch number(17) {
        case 0, 1, 2, 3: return .append(number(60), Outcome.allCases[min(3, number(8))])
        case 4, 5:
            return .apply(
                rows: number(4),
                record: number(5),
                desired: number(6),
                text: [nil, "a", "b"][number(3)],
                isHeld: number(5) == 0
            )
        case 6: return .setAside
        case 7: return .claim(kind, number(4))
        case 8, 9: return .claimAndSettle(kind, number(5))
        case 10:
            let key = DeliveryKey(kind, GUID.sample(number(6)).description)
            return number(4) == 0 ? .doubt(key) : .retry([.all, .code("c"), .key(key)][number(3)])
        case 11: return number(2) == 0 ? .replay(number(5)) : .prune(age: Int64(number(800)), rows: 1 + number(6))
        case 12: return .refuse(number(5))
        case 13: return .damage(number(6))
        case 14: return .roles(number(6))
        case 15: return .mentions(number(4), limit: 1 + number(9))
        case 16: return .erase(number(5))
        default:
            let outcome = number(2) == 0 ? Outcome.allCases[number(4)] : nil
            let opportunity = number(2) == 0 ? GUID.sample(number(4)) : nil
            if number(2) == 0 {
                return .list(InboxFilter(outcome: outcome, opportunity: opportunity), limit: 1 + number(5))
            }
            let stage = number(2) == 0 ? DeliveryState.Stage.allCases[number(4)] : nil
            let filter = OutboxFilter(
                stage: stage,
                kind: number(2) == 0 ? kind : nil,
                code: number(3) == 0 ? "c" : nil,
                opportunity: opportunity,
                waitingFor: number(3) == 0 ? [.company, .customer][number(2)] : nil
            )
            return .listOutbox(filter, limit: 1 + number(5))
        }
    }

    /// The result, as text.
    func run(on store: any Store, now: Timestamp) async -> String {
        do { return try await answer(of: store, now: now) } catch { return "\(error)" }
    }

    private func answer(of store: any Store, now: Timestamp) async throws -> String {
        switch self {
        case .append(let number, let outcome):
            return "\(try await store.append(.sample(number, outcome, opportunity: .sample(number % 4)), now: now))"
        case .apply(let rows, let record, let desired, let text, let isHeld):
            let waiting = try await store.unapplied(limit: rows, bytesMax: 10_000)
            try await store.apply(now: now) { application in
                application.applied = waiting.map(\.id)
                application.stale = [
                    StaleRecord(
                        RecordKey(.contact, .sample(record)),
                        after: .sample(desired),
                        lane: record % 2 == 0 ? .slow : .live
                    )
                ]
                application.fresh = [RecordKey(.contact, .sample(desired))]
                let account = RecordKey(.account, .sample(desired % 2))
                application.records = [
                    (.sample(.opportunity, record, name: text ?? "none"), [Reference("parentaccountid", to: account)])
                ]
                application.desired = RecordKind.allCases.map {
                    .sample(desired, text, kind: $0, heldFor: isHeld ? .customer : nil)
                }
                application.desired.append(.role(of: record, in: desired, text))
            }
            let applied = try await store.applied(
                before: waiting.last?.id,
                limit: 1 + rows,
                rowsMax: 2 + rows,
                bytesMax: 100
            )
            return "\(waiting) \(applied)"
        case .setAside:
            guard let first = try await store.unapplied(limit: 1, bytesMax: 1).first else { return "none" }
            try await store.apply(now: now) {
                $0.revised = [
                    InboxRevision(first.id, InboxLabels(.quarantined, opportunity: .sample(1), code: "unusable"))
                ]
            }
            return "\(first)"
        default: return try await laterAnswer(of: store, now: now)
        }
    }

    private func laterAnswer(of store: any Store, now: Timestamp) async throws -> String {
        switch self {
        case .claim(let kind, let limit):
            return "\(try await store.claim(kind, limit: limit, at: now.milliseconds))"
        case .claimAndSettle(let kind, let limit):
            let items = try await store.claim(kind, limit: limit, at: now.milliseconds)
            let next = Timestamp(milliseconds: now.milliseconds + 100)
            let trouble = DeliveryTrouble(code: "c", message: "m")
            let verdicts: [DeliveryVerdict] = [
                .confirmed(requestID: "r"), .parked(trouble, requestID: nil),
                .waits(for: .company, on: DeliveryKey(.company, GUID.sample(limit).description), next: next),
                .again(DeliveryRetry(trouble, requestID: "q", next: next, isUnknown: true, lead: 7)),
                .postponed(next: next),
            ]
            let settlements = items.enumerated().map { Settlement($1, verdicts[($0 + limit) % verdicts.count]) }
            try await store.leader.settle(settlements, now: now)
            return "\(items)"
        case .retry(let scope): return "\(try await store.retry(scope, now: now))"
        case .doubt(let key):
            try await store.leader.doubt([key], now: now)
            return "\(String(describing: try await store.outboxItem(key)))"
        case .replay(let count):
            let ids = try await store.inbox(InboxFilter(), before: nil, limit: count).map(\.id)
            if count % 2 == 0 { return "\(try await store.replay(ids, now: now))" }
            var job = Job(Job.Key(.replay, "\(count)"), startedAt: now)
            let isBegun = try await store.begin(job)
            if count % 3 == 0 { job.end(.done, "m", at: now) }
            job.cursor = ids.last.map { "\($0)" }
            return "\(isBegun) \(try await store.leader.replay(ids, as: job, now: now))"
        case .prune(let age, let rows):
            return
                "\(try await store.leader.prune(olderThan: Timestamp(milliseconds: now.milliseconds - age), rowsMax: rows))"
        case .damage(let count):

            guard let item = try await store.inbox(InboxFilter(), before: nil, limit: count).last else { return "none" }
            try await store.damageBody(of: item.id)
            return "\(item.id)"
        case .roles(let contact): return "\(try await store.roles(of: .sample(contact)))"
        case .mentions(let record, let limit):
            let first = try await store.mentions(of: [.sample(record)], after: nil, limit: limit)
            let next = try await store.mentions(of: [.sample(record)], after: first.last, limit: limit)
            return "\(first) \(next)"
        case .erase(let contact): return "\(try await erase(contact, in: store))"
        case .refuse(let who):
            try await store.record([RefusedAttempts(.marketoUser, who: "\(who)", opportunity: .sample(who))], now: now)
            return "\(try await store.allow(.sample(who + 1)))"
        case .list(let filter, let limit): return "\(try await store.inbox(filter, before: nil, limit: limit))"
        case .listOutbox(let filter, let limit): return "\(try await store.outbox(filter, after: nil, limit: limit))"
        case .append, .apply, .setAside: return "answered above"
        }
    }

    /// Forgets a contact as the service does: its roles, the notifications that name it, and its mirror record.
    private func erase(_ contact: Int, in store: any Store) async throws -> Erased {
        try await store.leader.remember([RememberedLead("\(GUID.sample(contact))", id: 7, askedAt: 1)])
        var erasure = Erasure(basis: try await store.mirrorVersion())
        erasure.removed = [RecordKey(.contact, .sample(contact)), RecordKey(.opportunity, .sample(contact))]
        erasure.cleaned = [(.sample(.opportunity, (contact + 1) % 5, name: "cleaned"), [])]
        erasure.stale = [StaleRecord(RecordKey(.opportunity, .sample((contact + 1) % 5)))]
        erasure.outbox = try await store.roles(of: .sample(contact)).map(\.key)
        erasure.leads = ["\(GUID.sample(contact))"]
        erasure.inbox = try await store.mentions(of: [.sample(contact)], after: nil, limit: 50).found
        erasure.jobs = [Job(Job.Key(.erasure, "\(contact)"), startedAt: 5)]
        return try await store.leader.erase(erasure)
    }
}
