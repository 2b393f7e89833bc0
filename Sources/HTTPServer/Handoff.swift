import Threads

/// Carries admitted exchanges from the library's threads to the tasks that answer them.
///
/// There are as many tasks as slots, so one is always waiting or about to: a request costs one resumption and no task of
/// its own. The queue is bounded because the slots are.
final class Handoff: Sendable {
    private let state = Locked(State())

    private struct State: Sendable {
        var queue: [Exchange] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
    }

    func put(_ exchange: Exchange) {
        let task = state.withLock { state in
            state.queue.append(exchange)
            return state.waiting.popLast()
        }
        task?.resume()
    }

    /// Returns nil once it is closed and empty. Exchanges pass through the lock and never through a continuation, so
    /// that what was written to them before is seen after, and the thread sanitizer sees that it is.
    func next() async -> Exchange? {
        while true {
            let (exchange, isClosed) = state.withLock { state in
                (state.queue.isEmpty ? nil : state.queue.removeFirst(), state.isClosed)
            }
            if exchange != nil || isClosed { return exchange }
            await somethingNew()
        }
    }

    private func somethingNew() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = !state.queue.isEmpty || state.isClosed
                if !isThere { state.waiting.append(continuation) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for task in waiting { task.resume() }
    }
}
