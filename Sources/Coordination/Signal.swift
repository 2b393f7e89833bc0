package import OnewayCore
import Threads

/// A recurring event that several tasks may wait for.
public final class Signal: Sendable {
    private struct State {
        var count = 0
        var places = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Locked(State())

    package init() {}

    /// Read this before checking the state that the signal is about, so that no event is missed.
    package var count: Int { state.withLock { $0.count } }

    package func fire() {
        let waiting = state.withLock { state in
            state.count += 1
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns at the first event after those already seen, or at the given time.
    package func wait(after seen: Int, until: Timestamp? = nil, _ time: TimeSource) async {
        guard let until else { return await next(after: seen) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.next(after: seen) }
            group.addTask { await time.sleep(until) }
            await group.next()
            group.cancelAll()
        }
    }

    private func next(after seen: Int) async {
        let place = state.withLock { state in
            state.places += 1
            return state.places
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Cancelled before it was registered: the cancellation handler did not find it.
                    if state.count > seen || Task.isCancelled { return true }
                    state.waiting[place] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: place) }?.resume()
        }
    }
}
