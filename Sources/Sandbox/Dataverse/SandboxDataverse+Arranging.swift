public import OnewayCore
import Threads

// Inspection and setup for tests.
extension SandboxDataverse {
    public var measured: Measured { instance.withLock { $0.measured } }
    /// The outcomes of notifications, in the order in which they ended.
    public var deliveries: [DeliveryRecord] { instance.withLock { $0.deliveries.records } }

    /// The columns of a row that have a value.
    public func row(_ table: String, _ id: GUID) -> [String: ColumnValue]? {
        instance.withLock { $0.book[table][id]?.values }
    }

    public func ids(_ table: String) -> [GUID] { instance.withLock { $0.book[table].ids } }

    public func add(_ fault: DataverseFault) { instance.withLock { $0.faults.add(fault) } }
    public func add(_ fault: WebhookFault) { instance.withLock { $0.webhookFaults.add(fault) } }

    public var hasWebhookFaults: Bool { instance.withLock { !$0.webhookFaults.waiting.isEmpty } }

    /// Removes all faults; notifications held back by `reorder` are sent.
    public func clearFaults() {
        instance.withLock { $0.clearFaults() }
        pipeline.setupChanged()
    }

    /// Calls that have begun are answered now, and notifications that were overtaken are sent now, however late a fault
    /// says.
    public func endDelays() { delays.end() }

    public func add(_ column: CustomColumn, to table: String) throws(DataverseError) {
        try instance.withLock { instance throws(DataverseError) in try instance.book.tables.add(column, to: table) }
    }

    /// Privileges that the API user lacks, for example `prvReadOpportunity`.
    public func set(missingPrivileges: Set<String>) { instance.withLock { $0.privileges.missing = missingPrivileges } }
    /// Rows that the API user may not read, though it may read others of their table.
    public func set(hidden: Set<GUID>) { instance.withLock { $0.privileges.hidden = hidden } }
    public func set(_ limits: DataverseLimits) { instance.withLock { $0.protection.limits = limits } }
    public func setChangeTracking(_ table: String, _ isOn: Bool) {
        instance.withLock { $0.book.tables.setTracking(table, isOn) }
    }

    /// Expires the current token.
    public func expireToken() { instance.withLock { $0.tokens.expire() } }

    /// Expires all delta links.
    public func expireChanges() { instance.withLock { $0.book.forgetChanges() } }
    public func reset() {
        instance.withLock { $0.reset(now: now()) }
        pipeline.setupChanged()
    }

    /// Returns when every notification has been sent or has failed, except those held back by `reorder`. `run` must be
    /// running.
    public func waitUntilDelivered() async {
        await withCheckedContinuation { continuation in
            let isIdle = instance.withLock { instance in
                if !instance.deliveries.isIdle { instance.deliveries.waiters.append(continuation) }
                return instance.deliveries.isIdle
            }
            if isIdle { continuation.resume() }
        }
    }
}
