import Threads

/// A one-time event to wait for. Opening it again does nothing.
package final class Latch: Sendable {
    private let state = Locked((isOpen: false, waiting: CheckedContinuation<Void, Never>?.none))

    package init() {}

    package func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting = continuation }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Waits until it is open or `patience` is over, which opens it too.
    package func wait(atMost patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask {
                try? await Task.sleep(for: patience)
                self.open()
            }
            await group.next()
            group.cancelAll()
        }
    }

    package func open() {
        state.withLock { state in
            state.isOpen = true
            return state.waiting.take()
        }?.resume()
    }
}
