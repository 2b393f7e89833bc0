import Store
import Threads

/// One at a time, in the order of their coming.
final class Turnstile: Sendable {
    private let state = Locked((isTaken: false, waiting: [CheckedContinuation<Void, Never>]()))

    func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken { state.waiting.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
    }

    func alone<Value>(_ work: () async throws(StoreError) -> Value) async throws(StoreError) -> Value {
        await enter()
        defer { leave() }
        return try await work()
    }

    func leave() {
        state.withLock { state in
            if state.waiting.isEmpty { state.isTaken = false }
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }?.resume()
    }
}
