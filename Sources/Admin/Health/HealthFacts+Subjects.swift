import Coordination
import Intake
import OnewayCore
import Reconciling
import Store

extension HealthWatch.Subjects {
    /// Reads counters, and a row or two by an index: as quick for a million rows as for none.
    func facts(_ now: Timestamp) async -> HealthFacts {
        var facts = HealthFacts(now: now)
        let obstacles = readiness?.reasons ?? []
        facts.isStarting = obstacles.contains(.starting)
        facts.isDraining = obstacles.contains(.draining)
        facts.isDiskFull = obstacles.contains(.disk)
        facts.isStoreWorking = !obstacles.contains(.store)
        facts.leadField = leadField
        do throws(StoreError) {
            facts.add(try await store.status())
            facts.add(try await leader.health(try await store.replicas()))
            facts.add(try await store.outboxGroups())
            try await addNotifications(to: &facts)
            facts.untoldChanges = try await ReconcileJob.latestDone(in: store)?.found ?? 0
        } catch {
            facts.isStoreWorking = false
        }
        return facts
    }

    private func addNotifications(to facts: inout HealthFacts) async throws(StoreError) {
        let newest = try await store.inbox(InboxFilter(), before: nil, limit: 1).first
        facts.newestNotificationAt = newest?.receivedAt
        if facts.quarantined > 0 {
            let filter = InboxFilter(outcome: .quarantined)
            facts.newestQuarantinedAt = try await store.inbox(filter, before: nil, limit: 1).first?.receivedAt
        }
        guard let newest, newest.receivedAt < facts.now.adding(seconds: -Self.quietSeconds) else { return }
        let yesterday = facts.now.adding(seconds: -86_400)
        let filter = InboxFilter(from: yesterday.adding(seconds: -Self.quietSeconds), to: yesterday)
        facts.cameYesterday = try await !store.inbox(filter, before: nil, limit: 1).isEmpty
    }

    private static let quietSeconds = 6 * 3600
    static let samplesMax = 3

    /// A few values that no lead has, for the question whether the field is the right one.
    func lookedUp() async throws(StoreError) -> [String] {
        let filter = OutboxFilter(stage: .waiting, kind: .role, waitingFor: .lead)
        let roles = try await store.outbox(filter, after: nil, limit: Self.samplesMax)
        return roles.compactMap(\.leadValue)
    }
}

extension OutboxGroup.Key {
    fileprivate static let missingLeads = OutboxGroup.Key(stage: .waiting, why: WaitReason.lead.rawValue, kind: .role)
}

extension HealthFacts {
    fileprivate mutating func add(_ status: StoreStatus) {
        (unapplied, unappliedSince) = (status.unapplied, status.unappliedSince)
        (pending, pendingSince) = (status.outbox(.pending), status.pendingSince)
        (settled, parked) = (status.outbox(.settled), status.outbox(.parked))
        rolesWithLead = status.outbox[.role]?[.settled] ?? 0
        quarantined = status.inbox[.quarantined] ?? 0
    }

    /// A person waits until Marketo has it, which may be never.
    fileprivate mutating func add(_ groups: [OutboxGroup]) {
        waiting = groups.filter { $0.key.stage == .waiting && $0.key.kind != .person }.reduce(0) { $0 + $1.count }
        rolesWithoutLead = groups.first { $0.key == .missingLeads }?.count ?? 0
    }

    fileprivate mutating func add(_ leader: LeaderHealth?) {
        isLed = leader != nil
        guard let leader else { return }
        (marketo, isDynamicsAway, isAlertingFailing) = (leader.marketo, leader.isDynamicsAway, leader.isAlertingFailing)
    }
}
