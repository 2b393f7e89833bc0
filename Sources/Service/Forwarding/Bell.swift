import OnewayCore
import Threads

/// Something that happens again and again, and that several may wait for.
final class Bell: Sendable {
    private struct State {
        var rings = 0
        var places = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Locked(State())

    /// To be read before looking at what the bell is about, so that no ring is missed.
    var rings: Int { state.withLock { $0.rings } }

    func ring() {
        let waiting = state.withLock { state in
            state.rings += 1
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns at the first ring after those that were seen, or at a time.
    func wait(after seen: Int, until: Timestamp? = nil, _ time: Time) async {
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
                    if state.rings > seen || Task.isCancelled { return true }
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
