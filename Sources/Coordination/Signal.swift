package import OnewayCore
import Threads

/// Something that happens again and again, and that several may wait for.
public final class Signal: Sendable {
    private struct State {
        var count = 0
        var places = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Locked(State())

    package init() {}

    /// To be read before looking at what the signal is about, so that none is missed.
    package var count: Int { state.withLock { $0.count } }

    package func fire() {
        let waiting = state.withLock { state in
            state.count += 1
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns at the first one after those that were seen, or at a time.
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
                    // Cancelled before it was in its place: nobody would look for it there.
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
