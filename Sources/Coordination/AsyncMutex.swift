import Threads

/// A mutex for tasks: one at a time, in order of arrival.
package final class AsyncMutex: Sendable {
    private let state = Locked((isTaken: false, waiting: [CheckedContinuation<Void, Never>]()))

    package init() {}

    package func lock() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken { state.waiting.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
    }

    package func withLock<Value, Failure>(_ work: () async throws(Failure) -> Value) async throws(Failure) -> Value {
        await lock()
        defer { unlock() }
        return try await work()
    }

    package func unlock() {
        state.withLock { state in
            if state.waiting.isEmpty { state.isTaken = false }
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }?.resume()
    }
}
