import Glibc
import OnewayCore

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
