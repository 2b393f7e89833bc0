import OnewayCore

/// The time of day, and waiting for it. In tests an hour may pass in seconds.
struct Time: Sendable {
    let now: @Sendable () -> Timestamp
    /// Returns early when the task is cancelled.
    let sleep: @Sendable (_ until: Timestamp) async -> Void

    static let real = Time(now: App.now) { until in
        try? await Task.sleep(for: .milliseconds(max(0, until.milliseconds - App.now().milliseconds)))
    }
}

extension Timestamp {
    func adding(milliseconds more: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + more) }
    func adding(seconds more: Int) -> Timestamp { adding(milliseconds: Int64(more) * 1000) }
}
