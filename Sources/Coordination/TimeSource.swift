import Glibc
package import OnewayCore

/// The current time, and sleeping until a time. In tests an hour may pass in seconds.
package struct TimeSource: Sendable {
    package let now: @Sendable () -> Timestamp
    /// Returns early when the task is cancelled.
    let sleep: @Sendable (_ until: Timestamp) async -> Void

    package static let system = TimeSource(now: systemNow) { until in
        try? await Task.sleep(for: .milliseconds(max(0, until.milliseconds - systemNow().milliseconds)))
    }

    /// The system clock's time.
    @Sendable package static func systemNow() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension Timestamp {
    package func adding(milliseconds more: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + more) }
    package func adding(seconds more: Int) -> Timestamp { adding(milliseconds: Int64(more) * 1000) }
}
