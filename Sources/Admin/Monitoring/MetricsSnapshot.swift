import Forwarding
import Intake
import OnewayCore
import Reading
import Store
import Telemetry
import Threads

/// The state at the moment of a scrape. A nil part did not answer or does not exist, and is left out.
struct MetricsSnapshot: Sendable {
    var now = Timestamp(milliseconds: 0)
    var store: StoreStatus?
    var groups: [OutboxGroup]?
    var room: StoreRoom?
    var obstacles: [Readiness.Obstacle] = []
    /// False: another replica forwards, and knows how Marketo is.
    var leads = true
    /// Nil: Marketo is not configured.
    var gate: CallGate.Status?
    var verdict: Verdict?
    /// With an empty list: one process has the store to itself.
    var replicas: StoreReplicas?

    static func register(_ snapshot: Locked<MetricsSnapshot>, in metrics: inout Metrics) {
        @Sendable func current() -> MetricsSnapshot { snapshot.withLock { $0 } }
        registerInbox(current, in: &metrics)
        registerOutbox(current, in: &metrics)
        registerMarketo(current, in: &metrics)
        registerReplicas(current, in: &metrics)
        registerRoom(current, in: &metrics)
        metrics.gauges(
            "oneway_unready",
            "1 for each reason why no notification can be accepted now.",
            by: Readiness.Obstacle.self
        ) { .flags(current().obstacles.contains) }
        metrics.gauges("oneway_health", "1 for the verdict's level.", by: HealthLevel.self) {
            current().verdict.map { verdict in .flags { $0 == verdict.level } } ?? [:]
        }
        metrics.gauges("oneway_health_cause", "1 for each cause in the verdict.", by: Cause.self) {
            current().verdict.map { verdict in .flags { cause in verdict.causes.contains { $0.cause == cause } } }
                ?? [:]
        }
    }

    private typealias Reading = @Sendable () -> MetricsSnapshot

    private static func registerInbox(_ current: @escaping Reading, in metrics: inout Metrics) {
        metrics.gauges("oneway_inbox_rows", "Notifications that are kept, by outcome.", by: Outcome.self) {
            current().store?.inbox.mapValues(Double.init) ?? [:]
        }
        metrics.gauge("oneway_inbox_bytes", "Size of the kept notifications.") {
            current().store.map { Double($0.inboxBytes) }
        }
        metrics.gauge("oneway_inbox_unapplied", "Notifications that are not applied yet.") {
            current().store.map { Double($0.unapplied) }
        }
        metrics.gauge("oneway_apply_lag_seconds", "How long the oldest of them has waited.") {
            current().seconds { $0.unappliedSince }
        }
        metrics.gauge("oneway_stale_records", "Changed records whose change has not reached all that depends on them.")
        {
            current().store.map { Double($0.stale) }
        }
        metrics.gauge("oneway_dynamics_questions", "Records that Dynamics is still to be asked for.") {
            current().store.map { Double($0.questions) }
        }
        metrics.gauge("oneway_refusal_rows", "Refusals that are kept; repeated ones count once.") {
            current().store.map { Double($0.refusals) }
        }
    }

    private static func registerOutbox(_ current: @escaping Reading, in metrics: inout Metrics) {
        metrics.gauges(
            "oneway_outbox_records",
            "Marketo records by kind and stage.",
            by: LabelPair<RecordKind, DeliveryState.Stage>.self
        ) {
            var values: [LabelPair<RecordKind, DeliveryState.Stage>: Double] = [:]
            for (kind, stages) in current().store?.outbox ?? [:] {
                for (stage, count) in stages { values[LabelPair(kind, stage)] = Double(count) }
            }
            return values
        }
        metrics.gauges(
            "oneway_outbox_waiting",
            "Waiting Marketo records by kind and what they wait for.",
            by: LabelPair<RecordKind, WaitReason>.self
        ) {
            guard let groups = current().groups else { return [:] }
            var values = Dictionary(
                uniqueKeysWithValues: LabelPair<RecordKind, WaitReason>.allCases.map { ($0, 0.0) }
            )
            for group in groups where group.key.stage == .waiting {
                guard let reason = WaitReason(rawValue: group.key.why) else { continue }
                values[LabelPair(group.key.kind, reason)] = Double(group.count)
            }
            return values
        }
        metrics.gauge("oneway_forward_lag_seconds", "How long the oldest pending record has waited for Marketo.") {
            current().seconds { $0.pendingSince }
        }
    }

    private static func registerMarketo(_ current: @escaping Reading, in metrics: inout Metrics) {
        metrics.gauges("oneway_marketo_state", "1 for Marketo's current state.", by: MarketoState.self) {
            let now = current()
            return now.leads ? .flags { $0 == MarketoState(now.gate) } : [:]
        }
        metrics.gauge("oneway_leads", "1 where the replica applies and forwards; exactly one of them does.") {
            current().leads ? 1 : 0
        }
        metrics.gauge("oneway_marketo_paused", "1 while an operator has paused forwarding.") {
            current().gate.map { $0.pausedSince == nil ? 0 : 1 }
        }
        metrics.gauge("oneway_marketo_calls_in_flight", "Calls to Marketo in flight.") {
            current().gate.map { Double($0.inFlight) }
        }
        metrics.gauge("oneway_marketo_calls_used_today", "Calls to Marketo since its day began.") {
            current().gate.map { Double($0.usedToday) }
        }
        metrics.gauge("oneway_marketo_calls_left_today", "Calls left of marketo.callsPerDay until the day ends.") {
            current().gate.map { Double($0.leftToday) }
        }
    }

    /// Nothing where one process has the store to itself.
    private static func registerReplicas(_ current: @escaping Reading, in metrics: inout Metrics) {
        @Sendable func shared() -> StoreReplicas? { current().replicas.flatMap { $0.list.isEmpty ? nil : $0 } }
        metrics.gauges("oneway_replicas", "Replicas that share the database, by role.", by: StoreReplica.Role.self) {
            guard let list = shared()?.list else { return [:] }
            let roles = StoreReplica.Role.allCases
            return Dictionary(
                uniqueKeysWithValues: roles.map { role in (role, Double(list.count { $0.role == role })) }
            )
        }
        metrics.gauge("oneway_hand_overs", "How often leading has passed from one replica to another.") {
            shared().map { Double($0.handOvers) }
        }
        metrics.gauge("oneway_database_seconds", "How long the database took to answer the last heartbeat.") {
            shared()?.answeredIn.map { $0 / .seconds(1) }
        }
    }

    private static func registerRoom(_ current: @escaping Reading, in metrics: inout Metrics) {
        metrics.gauge("oneway_store_bytes", "The store's file.") { current().room.map { Double($0.file) } }
        metrics.gauge("oneway_store_log_bytes", "The store's log: committed, and not yet copied into the file.") {
            current().room.map { Double($0.log) }
        }
        metrics.gauge("oneway_store_reusable_bytes", "Free within the store's file, used before it grows.") {
            current().room?.reusable.map(Double.init)
        }
        metrics.gauge("oneway_disk_free_bytes", "Free where the store is.") {
            current().room?.free.map(Double.init)
        }
    }

    /// 0 if nothing waits.
    private func seconds(_ since: (StoreStatus) -> Timestamp?) -> Double? {
        guard let store else { return nil }
        return since(store).map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0
    }
}

extension Readiness.Obstacle: MetricLabel {
    static let labelName = "reason"
}

enum MarketoState: String, MetricLabel {
    static let labelName = "state"
    case ok
    case backingOff = "backing-off"
    case stopped
    case notConfigured = "not-configured"

    init(_ gate: CallGate.Status?) {
        switch gate?.condition {
        case .ok: self = .ok
        case .backingOff: self = .backingOff
        case .stopped: self = .stopped
        case nil: self = .notConfigured
        }
    }
}

extension Dictionary where Key: CaseIterable, Value == Double {
    /// 1 for those that are set, 0 for the others.
    fileprivate static func flags(_ isSet: (Key) -> Bool) -> Self {
        Self(uniqueKeysWithValues: Key.allCases.map { ($0, isSet($0) ? 1 : 0) })
    }
}
