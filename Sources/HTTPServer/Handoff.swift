import Threads

/// Carries admitted exchanges from the library's threads to the tasks that answer them.
///
/// There are as many tasks as slots, so one is always waiting or about to: a request costs one resumption and no task of
/// its own. The queue is bounded because the slots are.
final class Handoff: Sendable {
    private let state = Locked(State())

    private struct State: Sendable {
        var queue: [Exchange] = []
        var waiting: [CheckedContinuation<Exchange?, Never>] = []
        var isClosed = false
    }

    func put(_ exchange: Exchange) {
        let task = state.withLock { state in
            let task = state.waiting.popLast()
            if task == nil { state.queue.append(exchange) }
            return task
        }
        task?.resume(returning: exchange)
    }

    /// Nil once it is closed and empty.
    func next() async -> Exchange? {
        await withCheckedContinuation { continuation in
            let (isReady, exchange) = state.withLock { state -> (Bool, Exchange?) in
                if !state.queue.isEmpty { return (true, state.queue.removeFirst()) }
                if state.isClosed { return (true, nil) }
                state.waiting.append(continuation)
                return (false, nil)
            }
            if isReady { continuation.resume(returning: exchange) }
        }
    }

    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for task in waiting { task.resume(returning: nil) }
    }
}
