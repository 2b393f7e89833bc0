public import OnewayCore

/// A recorded call.
public struct Call: Sendable, Hashable {
    public let number: Int
    /// GET also for a POST with `_method=GET`.
    public let method: String
    /// The part after `/rest/v1/`, without `.json`; or after `/api/data/v9.2/`, without ids; or `identity/oauth/token`.
    public let path: String
    /// The number of records in the input, or of values searched for.
    public let records: Int
    public let began: Timestamp
    /// Nil while it is being answered.
    public internal(set) var answered: Timestamp?
    /// Nil if the connection was cut instead.
    public internal(set) var status: Int?
    /// Every code of the answer: those of the whole call, then those of its records.
    public internal(set) var codes: [String] = []

    public var isToken: Bool { Self.tokenPaths.contains(path) }

    static let tokenPath = "identity/oauth/token"
    /// The token paths of all stand-ins.
    static let tokenPaths: Set = [tokenPath, Resource.tokenPath]
}

/// How clients behaved. Bounded: the newest calls are kept individually, the rest only in the sums.
public struct Measured: Sendable {
    /// The newest, in the order they began.
    public private(set) var calls: [Call] = []
    /// Calls to the REST API, without those for tokens.
    public private(set) var total = 0
    public private(set) var tokenRequests = 0
    public private(set) var callsByPath: [String: Int] = [:]
    public private(set) var codes: [String: Int] = [:]
    /// The most calls in flight at once.
    public private(set) var mostAtOnce = 0
    private(set) var inFlight = 0
    private var byStart = CallWindow()
    private var byAnswer = CallWindow()
    private var lastNumber = 0

    /// The most calls that began within any 20 seconds, and that were answered within any.
    public var mostBegunIn20Seconds: Int { byStart.most }
    public var mostAnsweredIn20Seconds: Int { byAnswer.most }

    static let callsMax = 20_000

    mutating func begin(_ method: String, _ path: String, records: Int, now: Timestamp) -> Int {
        lastNumber += 1
        let call = Call(number: lastNumber, method: method, path: path, records: records, began: now)
        calls.append(call)
        if calls.count > Self.callsMax + 1000 { calls.removeFirst(1000) }
        if call.isToken {
            tokenRequests += 1
        } else {
            total += 1
            inFlight += 1
            mostAtOnce = max(mostAtOnce, inFlight)
            // Paths that a client invents must not fill the memory.
            if callsByPath.count < 100 || callsByPath[path] != nil { callsByPath[path, default: 0] += 1 }
            byStart.add(now)
        }
        return lastNumber
    }

    mutating func end(_ number: Int, isToken: Bool, status: Int?, codes: [String], now: Timestamp) {
        if !isToken {
            inFlight -= 1
            byAnswer.add(now)
            for code in codes { self.codes[code, default: 0] += 1 }
        }
        guard let first = calls.first, calls.indices.contains(number - first.number) else { return }
        calls[number - first.number].answered = now
        calls[number - first.number].status = status
        calls[number - first.number].codes = codes
    }

    /// Forgets past calls, but not those in flight.
    mutating func reset() {
        var fresh = Measured()
        fresh.inFlight = inFlight
        fresh.lastNumber = lastNumber
        self = fresh
    }
}
