public import OnewayCore

/// Decides when the next request may go to Dynamics: a pure value, with the time as an argument.
///
/// Dynamics counts the requests of five minutes, and other integrations may share the allowance. A request counts here
/// until five minutes after its *answer*, when Dynamics' own clock must agree.
public struct RequestBudget: Sendable {
    public struct Limits: Hashable, Sendable {
        public var concurrentRequests: Int
        public var requestsPer5Minutes: Int

        public init(concurrentRequests: Int = 4, requestsPer5Minutes: Int = 3000) {
            self.concurrentRequests = concurrentRequests
            self.requestsPer5Minutes = requestsPer5Minutes
        }
    }

    public enum Admission: Hashable, Sendable {
        case go
        /// Nil: until a request is answered.
        case wait(until: Timestamp?)
    }

    /// The allowance that is left, from the headers of an answer.
    public struct Remaining: Hashable, Sendable {
        public var requests: Int?
        public var executionSeconds: Int?

        public init(requests: Int? = nil, executionSeconds: Int? = nil) {
            self.requests = requests
            self.executionSeconds = executionSeconds
        }

        /// So little that one request at a time goes, with pauses.
        var isScarce: Bool {
            (requests ?? .max) < Self.scarceRequests || (executionSeconds ?? .max) < Self.scarceExecutionSeconds
        }

        static let scarceRequests = 60
        static let scarceExecutionSeconds = 60
    }

    public let limits: Limits
    public private(set) var inFlight = 0
    public private(set) var heldUntil: Timestamp?
    /// When requests were answered, oldest first, as far as they still count.
    private var answered: ArraySlice<Timestamp> = []
    private var remaining: (told: Remaining, at: Timestamp)?

    public static let windowMilliseconds: Int64 = 300_000
    /// However little is left, as often it is asked again.
    static let scarcePauseMillisecondsMax: Int64 = 30_000

    public init(_ limits: Limits) { self.limits = limits }

    /// Takes a place if one is free.
    public mutating func admit(_ now: Timestamp) -> Admission {
        forget(now)
        if let heldUntil, heldUntil > now { return .wait(until: heldUntil) }
        if inFlight >= limits.concurrentRequests { return .wait(until: nil) }
        if let next = scarceUntil(now) {
            if inFlight > 0 { return .wait(until: nil) }
            if next > now { return .wait(until: next) }
        }
        if inFlight + answered.count >= limits.requestsPer5Minutes {
            return .wait(
                until: answered.first.map { Timestamp(milliseconds: $0.milliseconds + Self.windowMilliseconds) }
            )
        }
        inFlight += 1
        return .go
    }

    /// The answer has come, or none can come any more. The place is free; the request counts for five minutes.
    public mutating func answer(_ told: Remaining, now: Timestamp) {
        inFlight -= 1
        answered.append(now)
        if told.requests != nil || told.executionSeconds != nil { remaining = (told, now) }
    }

    /// Nothing was sent after all.
    public mutating func giveBack() { inFlight -= 1 }

    /// Dynamics asked for a pause: it holds for everyone. A shorter one does not end a longer one.
    public mutating func hold(until: Timestamp) { heldUntil = max(heldUntil ?? until, until) }

    /// The end of the pause after the last answer, if little is left: the rest is spread over the time in which it is
    /// renewed.
    private func scarceUntil(_ now: Timestamp) -> Timestamp? {
        guard let (told, at) = remaining, told.isScarce else { return nil }
        let requests = Int64(max(1, min(told.requests ?? .max, Remaining.scarceRequests)))
        let pause = min(Self.windowMilliseconds / requests, Self.scarcePauseMillisecondsMax)
        return Timestamp(milliseconds: at.milliseconds + pause)
    }

    private mutating func forget(_ now: Timestamp) {
        while let first = answered.first, first.milliseconds + Self.windowMilliseconds <= now.milliseconds {
            answered.removeFirst()
        }
        if let told = remaining?.at, told.milliseconds + Self.windowMilliseconds <= now.milliseconds { remaining = nil }
    }
}
