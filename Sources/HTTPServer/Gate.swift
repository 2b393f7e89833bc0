/// Counts what is in progress, and refuses more before memory or slots run out. A value: the server keeps it behind a
/// lock.
struct Gate {
    let limits: HTTPLimits
    private(set) var isDraining = false
    private var ordinary = Usage()
    private var reserved = Usage()
    private(set) var discarding = 0

    struct Usage: Equatable {
        var inFlight = 0
        var bodyBytes = 0
    }

    init(limits: HTTPLimits) { self.limits = limits }

    var inFlight: Int { ordinary.inFlight + reserved.inFlight }

    mutating func drain() { isDraining = true }

    /// Takes memory for a piece of a body; `leave` gives it back.
    mutating func hold(bodyBytes: Int, _ lane: Lane) -> Bool {
        let max = lane == .ordinary ? limits.bodiesInMemoryBytesMax : limits.reservedBodiesBytesMax
        return change(lane) { usage in
            guard usage.bodyBytes + bodyBytes <= max else { return false }
            usage.bodyBytes += bodyBytes
            return true
        }
    }

    /// Takes a slot for the handler; `leave` gives it back.
    mutating func enter(_ lane: Lane) -> HTTPRefusal? {
        if isDraining { return .draining }
        let max = lane == .ordinary ? limits.requestsInFlightMax : limits.reservedInFlightMax
        return change(lane) { usage in
            guard usage.inFlight < max else { return .overloaded }
            usage.inFlight += 1
            return nil
        }
    }

    /// Takes a place for a connection whose body is read and dropped; `endDiscarding` gives it back.
    mutating func beginDiscarding() -> Bool {
        guard discarding < limits.discardingConnectionsMax else { return false }
        discarding += 1
        return true
    }

    mutating func endDiscarding() { discarding -= 1 }

    mutating func leave(_ lane: Lane, entered: Bool, bodyBytes: Int) {
        change(lane) { usage in
            usage.inFlight -= entered ? 1 : 0
            usage.bodyBytes -= bodyBytes
        }
    }

    private mutating func change<Result>(_ lane: Lane, _ body: (inout Usage) -> Result) -> Result {
        lane == .ordinary ? body(&ordinary) : body(&reserved)
    }
}
