import Coordination
import MarketoClient
import OnewayCore
package import Store
import Telemetry
import Threads

/// Delivers the outbox to Marketo: each kind of record in a lane of its own, so that none waits for another's slow
/// calls.
///
/// Due records are collected for a moment, or until they fill a call; then a slot of the budget is taken, and only then
/// are the records claimed, so that their newest state is sent.
package final class Forwarder: Running {
    static let recoverySeconds = 1
    /// The longest that Marketo may still be working on what an earlier run sent: its own time-out, after the last moment
    /// in which an earlier leader may have begun a call.
    static let marketoSecondsMax = 65

    private let context: DeliveryContext
    private let flushMilliseconds: Int64
    private let graceSeconds: Int
    /// Longer than any delivery of one claim may take: records that are not sent by then are claimed again.
    private let claimSeconds: Int
    /// Fired by the store when something may be due.
    private let wakeSignal: Signal
    private let urgent = Locked(Set<RecordKind>())
    /// Records that this run has claimed and not settled.
    private let underWay = Locked([RecordKind: Int]())
    private let ended = Signal()

    init(_ context: DeliveryContext, flushMilliseconds: Int, graceSeconds: Int, claimSeconds: Int) {
        self.context = context
        wakeSignal = context.store.signal(.outbox)
        self.flushMilliseconds = Int64(flushMilliseconds)
        self.graceSeconds = graceSeconds
        self.claimSeconds = claimSeconds
    }

    /// An operator has mended something, here or in Marketo.
    func retryNow() {
        context.retryAskedAt.withLock { $0 = context.time.now() }
        context.fields.lookAgain()
        context.gate.retryNow()
        wakeSignal.fire()
    }

    /// Does what operators ordered since this was last called.
    package func obeyOrders() async throws(StoreError) {
        if context.gate.obey(try await context.store.orders()) { retryNow() }
    }

    private func followOrders() async {
        let given = context.store.signal(.orders)
        while true {
            // In this order: the end rings after the gate is closed.
            let seen = given.count
            if context.gate.isClosed || Task.isCancelled { return }
            do throws(StoreError) {
                try await obeyOrders()
                await given.wait(after: seen, context.time)
            } catch {
                await recover(error)
            }
        }
    }

    package func run() async {
        await begin()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.followOrders() }
            for kind in RecordKind.allCases { group.addTask { await self.run(kind) } }
        }
        await context.gate.writeDown()
        ended.fire()
    }

    /// Nothing new is sent; calls under way may end, for so long.
    package func stop() async {
        await context.gate.close()
        wakeSignal.fire()
        context.store.signal(.orders).fire()
        let limit = context.time.now().adding(seconds: graceSeconds)
        await ended.wait(after: 0, until: limit, context.time)
        context.abandoned.fire()
        await ended.wait(after: 0, context.time)
    }

    private func begin() async {
        while !context.gate.isClosed, !Task.isCancelled {
            do throws(StoreError) {
                let next = context.time.now().adding(seconds: Self.marketoSecondsMax)
                let released = try await context.store.releaseClaims(next: next)
                if released > 0 { context.log.info("an earlier run left records in flight", [.count: .int(released)]) }
                return try await context.gate.resumeFromStore()
            } catch {
                await recover(error)
            }
        }
    }

    private func run(_ kind: RecordKind) async {
        await withDiscardingTaskGroup { group in
            while true {
                // In this order: `stop` closes the gate before it fires the signal.
                let seen = wakeSignal.count
                if context.gate.isClosed || Task.isCancelled { return }
                do throws(StoreError) {
                    guard let ripe = try await ripeTime(kind) else {
                        await wakeSignal.wait(after: seen, context.time)
                        continue
                    }
                    if ripe > context.time.now() {
                        await wakeSignal.wait(after: seen, until: ripe, context.time)
                        continue
                    }
                    if mustWaitForDelivery(kind) {
                        await wakeSignal.wait(after: seen, context.time)
                        continue
                    }
                    guard let slot = await context.gate.acquire() else { return }
                    let until = context.time.now().adding(seconds: claimSeconds)
                    let items = try await claim(kind, slot, until)
                    if items.isEmpty {
                        context.gate.giveBack(slot)
                    } else {
                        underWay.withLock { $0[kind, default: 0] += items.count }
                        group.addTask { await self.deliver(kind, items, slot, until) }
                    }
                } catch {
                    await recover(error)
                }
            }
        }
    }

    /// While Marketo fails, one delivery of a kind at a time. Records that it settles on the way would otherwise be tried
    /// again beside it, alone, and Marketo's failure would count as theirs.
    private func mustWaitForDelivery(_ kind: RecordKind) -> Bool {
        context.gate.status.condition != .ok && underWay.withLock { $0[kind] ?? 0 } > 0
    }

    /// Gives the slot back if it throws.
    private func claim(
        _ kind: RecordKind,
        _ slot: CallSlot,
        _ until: Timestamp
    ) async throws(StoreError) -> [OutboxItem] {
        do throws(StoreError) {
            let limit = MarketoBatches.recordsMax
            return try await context.store.claim(kind, limit: limit, now: context.time.now(), until: until)
        } catch {
            context.gate.giveBack(slot)
            throw error
        }
    }

    private func deliver(_ kind: RecordKind, _ items: [OutboxItem], _ slot: CallSlot, _ until: Timestamp) async {
        var delivery = Delivery(context, kind, slot, until: until)
        await delivery.deliver(items)
        underWay.withLock { $0[kind, default: 0] -= items.count }
        // A record to be sent again may be due before anything else that the lanes know of.
        defer { wakeSignal.fire() }
        guard delivery.confirmed > 0 else { return }
        // Records that waited for these are sent without further delay.
        let next: RecordKind = kind == .opportunity ? .role : .opportunity
        urgent.withLock { _ = $0.insert(next) }
    }

    /// Returns when the next call of this kind should be made; nil when there is nothing to send.
    private func ripeTime(_ kind: RecordKind) async throws(StoreError) -> Timestamp? {
        guard let due = try await context.store.nextDue(kind) else { return nil }
        let now = context.time.now()
        if due > now { return due.adding(milliseconds: flushMilliseconds) }
        if urgent.withLock({ $0.remove(kind) }) != nil { return due }
        let ripe = due.adding(milliseconds: flushMilliseconds)
        if ripe <= now { return ripe }
        let pending = try await context.store.status().outbox[kind]?[.pending] ?? 0
        let sent = Int64(underWay.withLock { $0[kind] ?? 0 })
        return pending - sent >= MarketoBatches.recordsMax ? due : ripe
    }

    private func recover(_ error: StoreError) async {
        context.log.error("cannot forward now, trying again", [.error: .text("\(error)")])
        let seen = ended.count
        await ended.wait(after: seen, until: context.time.now().adding(seconds: Self.recoverySeconds), context.time)
    }
}
