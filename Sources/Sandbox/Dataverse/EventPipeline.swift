import OnewayCore
import Threads

/// Applies changes and sends notifications: to synchronous steps before the change, which they can refuse; to asynchronous
/// ones after it.
struct EventPipeline: Sendable {
    let instance: Locked<DataverseInstance>
    let delays: Delays
    let now: @Sendable () -> Timestamp
    let send: @Sendable (WebhookRequest) async -> Int?
    /// Signals that there may be something to send.
    let wake: AsyncStream<Void>.Continuation

    func apply(_ operation: RowOperation, by origin: Origin) async throws(DataverseError) -> GUID {
        let plan = try instance.withLock { instance throws(DataverseError) in
            try instance.plan(operation, by: origin, now: now())
        }
        for delivery in plan?.deliveries ?? [] {
            let statuses = delivery.isTooLarge ? [] : await attempt(delivery.request)
            instance.withLock { $0.finish(delivery, statuses, isDropped: delivery.isTooLarge, now: now()) }
            guard statuses.last.map({ Delivery.isSuccess($0) }) ?? false else {
                let (code, message) = SystemJob.failure(delivery, statuses.last ?? nil)
                throw DataverseError(400, "0x" + String(code, radix: 16), message)
            }
        }
        let id = try instance.withLock { instance throws(DataverseError) in
            try instance.commit(plan?.operation ?? operation, by: origin, names: plan?.names, now: now())
        }
        wake.yield()
        return id
    }

    /// To be called after a change of setup: there may be something to send, or nothing left to wait for.
    func setupChanged() {
        wake.yield()
        for waiter in instance.withLock({ $0.deliveries.takeWaiters() }) { waiter.resume() }
    }

    /// Sends a request, and immediately again after 502, 503, or 504. Returns the status of each attempt.
    func attempt(_ request: WebhookRequest) async -> [Int?] {
        let first = await send(request)
        guard Delivery.isTriedAgain(first) else { return [first] }
        return [first, await send(request)]
    }

    /// Sends due notifications in order, and delayed ones on their own. Ends when it is cancelled.
    func deliver(_ woken: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            for await _ in woken {
                while !Task.isCancelled, let item = instance.withLock({ $0.deliveries.next() }) {
                    if case .delay(let seconds) = item.fault {
                        let round = delays.round
                        group.addTask {
                            await delays.wait(seconds: seconds, since: round)
                            await deliver(item)
                        }
                    } else {
                        await deliver(item)
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func deliver(_ item: DeliveryQueue.Item) async {
        let isDropped = item.fault == .drop || item.delivery.isTooLarge || Task.isCancelled
        let statuses = isDropped ? [] : await attempt(item.delivery.request)
        let waiters = instance.withLock { instance in
            instance.finish(item.delivery, statuses, isDropped: isDropped, now: now())
            return instance.deliveries.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }
}
