import OnewayCore

/// Marketo's limits for one instance. Nil switches a limit off.
public struct SandboxLimits: Sendable, Hashable {
    public var callsPer20Seconds: Int?
    public var concurrentCalls: Int?
    public var callsPerDay: Int?

    public init(callsPer20Seconds: Int? = 100, concurrentCalls: Int? = 10, callsPerDay: Int? = 50_000) {
        self.callsPer20Seconds = callsPer20Seconds
        self.concurrentCalls = concurrentCalls
        self.callsPerDay = callsPerDay
    }

    public static let off = SandboxLimits(callsPer20Seconds: nil, concurrentCalls: nil, callsPerDay: nil)
}

/// Counts the moments within some seconds, and the most there have been. Moments must be added in order.
struct CallWindow: Sendable {
    private let milliseconds: Int64
    private var moments: [Int64] = []
    private var first = 0
    private(set) var most = 0

    init(seconds: Int64 = 20) { milliseconds = seconds * 1000 }

    /// The oldest moment that still counts, in milliseconds.
    var oldest: Int64? { first < moments.count ? moments[first] : nil }

    mutating func add(_ now: Timestamp) {
        moments.append(now.milliseconds)
        most = max(most, count(now))
    }

    mutating func count(_ now: Timestamp) -> Int {
        while first < moments.count, moments[first] <= now.milliseconds - milliseconds { first += 1 }
        if first > 1024, first > moments.count / 2 {
            moments.removeFirst(first)
            first = 0
        }
        return moments.count - first
    }
}

/// Counts as Marketo does: a refused call counts like any other, so hammering does not help.
struct Throttle: Sendable {
    var limits: SandboxLimits
    private var window = CallWindow()
    private var day: Int64 = 0
    private(set) var today = 0

    init(_ limits: SandboxLimits) { self.limits = limits }

    mutating func refusal(inFlight: Int, now: Timestamp) -> MarketoFailure? {
        if day != Self.day(now) { (day, today) = (Self.day(now), 0) }
        today += 1
        window.add(now)
        if let most = limits.concurrentCalls, inFlight > most { return MarketoFailure("615") }
        if let most = limits.callsPer20Seconds, window.count(now) > most {
            return MarketoFailure("606", "Max rate limit '\(most)' exceeded with in '20' secs")
        }
        if let most = limits.callsPerDay, today > most {
            return MarketoFailure("607")
        }
        return nil
    }

    /// Days begin at midnight, Central Standard Time.
    private static func day(_ now: Timestamp) -> Int64 { (now.milliseconds - 6 * 3_600_000) / 86_400_000 }
}
