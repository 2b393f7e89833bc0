import OnewayCore

/// The limits for one user within five minutes. Nil switches a limit off.
public struct DataverseLimits: Sendable, Hashable {
    public var requests: Int?
    public var executionSeconds: Double?
    public var concurrentRequests: Int?

    public init(requests: Int? = 6000, executionSeconds: Double? = 1200, concurrentRequests: Int? = 52) {
        self.requests = requests
        self.executionSeconds = executionSeconds
        self.concurrentRequests = concurrentRequests
    }

    public static let off = DataverseLimits(requests: nil, executionSeconds: nil, concurrentRequests: nil)
}

/// Counts requests as Dataverse does. A refused request counts too.
struct ServiceProtection: Sendable {
    var limits: DataverseLimits
    private var requests = CallWindow(seconds: seconds)
    /// The end and the duration of requests.
    private var executions: ArraySlice<(at: Int64, milliseconds: Int64)> = []
    private var executedMilliseconds: Int64 = 0

    static let seconds: Int64 = 300

    init(_ limits: DataverseLimits) { self.limits = limits }

    mutating func refusal(inFlight: Int, now: Timestamp) -> DataverseError? {
        requests.add(now)
        if let most = limits.concurrentRequests, inFlight > most {
            return Self.refusal("0x80072326", retryAfterSeconds: 1)
        }
        if let most = limits.requests, requests.count(now) > most {
            return Self.refusal("0x80072322", retryAfterSeconds: wait(requests.oldest, now))
        }
        if let most = limits.executionSeconds, executed(now) > most {
            return Self.refusal("0x80072321", retryAfterSeconds: wait(executions.first?.at, now))
        }
        return nil
    }

    mutating func ended(began: Timestamp, now: Timestamp) {
        let taken = now.milliseconds - began.milliseconds
        executions.append((now.milliseconds, taken))
        executedMilliseconds += taken
    }

    /// The remaining allowance, as headers of every answer.
    mutating func headers(now: Timestamp) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let most = limits.requests {
            headers.append(("x-ms-ratelimit-burst-remaining-xrm-requests", "\(max(0, most - requests.count(now)))"))
        }
        if let most = limits.executionSeconds {
            headers.append(("x-ms-ratelimit-time-remaining-xrm-requests", "\(Int(max(0, most - executed(now))))"))
        }
        return headers
    }

    static func refusal(_ code: String, retryAfterSeconds: Int) -> DataverseError {
        let message =
            switch code {
            case "0x80072322": "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
            case "0x80072321":
                "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of "
                    + "300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again "
                    + "later."
            default: "Number of concurrent requests exceeded the limit of 52."
            }
        var error = DataverseError(429, code, message)
        error.retryAfterSeconds = retryAfterSeconds
        return error
    }

    private mutating func executed(_ now: Timestamp) -> Double {
        while let first = executions.first, first.at <= now.milliseconds - Self.seconds * 1000 {
            executedMilliseconds -= first.milliseconds
            executions.removeFirst()
        }
        return Double(executedMilliseconds) / 1000
    }

    private func wait(_ oldest: Int64?, _ now: Timestamp) -> Int {
        let milliseconds = (oldest ?? now.milliseconds) + Self.seconds * 1000 - now.milliseconds
        return max(1, Int((milliseconds + 999) / 1000))
    }
}
