import Glibc
import OnewayCore
import Threads

/// Returns a clock that starts at the current time of day and only goes forward.
func forwardClock() -> @Sendable () -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let wall = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    let start = ContinuousClock.now
    return {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Timestamp(milliseconds: wall + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

/// The delays of answers or notifications, which a test may end before their time.
final class Delays: Sendable {
    private struct State: Sendable {
        var round = 0
        var waiting: Set<Task<Void, Never>> = []
    }

    private let state = Locked(State())

    /// To be read before anybody can see that something is delayed, so that an end right after that is not missed.
    var round: Int { state.withLock { $0.round } }

    /// Returns after so many seconds, or when delays were ended since `round`, or when the task is cancelled.
    func wait(seconds: Double, since round: Int) async {
        let sleep = Task<Void, Never> { _ = try? await Task.sleep(for: .seconds(seconds)) }
        let isOver = state.withLock { state in
            state.waiting.insert(sleep)
            return state.round != round
        }
        if isOver { sleep.cancel() }
        await withTaskCancellationHandler {
            await sleep.value
        } onCancel: {
            sleep.cancel()
        }
        state.withLock { state in
            _ = state.waiting.remove(sleep)
        }
    }

    func end() {
        let waiting = state.withLock { state in
            state.round += 1
            return state.waiting
        }
        for sleep in waiting { sleep.cancel() }
    }
}
