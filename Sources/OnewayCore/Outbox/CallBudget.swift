/// Limits the number and timing of calls to Marketo. A value that is given the current time.
///
/// Marketo counts a subscription's calls in any 20 seconds, at once, and per day, and other programs' calls count too.
/// So a slot is free again only 20 seconds after the *answer*, when Marketo's own clock must agree, and Marketo's
/// complaints slow us down until there have been none for a while.
public struct CallBudget: Sendable {
    public struct Limits: Hashable, Sendable {
        public var callsPer20Seconds: Int
        public var concurrentCalls: Int
        public var callsPerDay: Int

        public init(callsPer20Seconds: Int = 50, concurrentCalls: Int = 5, callsPerDay: Int = 50_000) {
            self.callsPer20Seconds = callsPer20Seconds
            self.concurrentCalls = concurrentCalls
            self.callsPerDay = callsPerDay
        }
    }

    public enum Admission: Hashable, Sendable {
        case go
        /// Nil: until a call is answered.
        case wait(until: Timestamp?)
    }

    /// The effect of an answer on all calls.
    public enum Signal: Hashable, Sendable {
        case fine
        /// A single record failed: that may be its fault or Marketo's.
        case unsure
        case fewerCalls, fewerAtOnce
        case nextDay(DeliveryTrouble)
        case away(DeliveryTrouble)
        case stop(DeliveryTrouble)

        /// Nothing should be sent for a while, for a cause that a person may be able to remove.
        var isTrouble: Bool {
            switch self {
            case .fine, .unsure, .fewerCalls, .fewerAtOnce: false
            case .nextDay, .away, .stop: true
            }
        }
    }

    public enum Condition: Hashable, Sendable {
        case ok
        case backingOff(DeliveryTrouble)
        case stopped(DeliveryTrouble)
    }

    public let limits: Limits
    public private(set) var condition = Condition.ok
    /// Calls started since the last reset.
    public private(set) var usedToday = 0
    public private(set) var inFlight = 0
    /// The number of times an operator asked to try now. A call belongs to the round in which it started.
    public private(set) var round = 0

    /// When the calls of the last 20 seconds were answered, oldest first.
    private(set) var answered: [Timestamp] = []
    private var day: Int64
    /// Calls that the stored state counts and that were not made yet.
    private var covered = 0
    public private(set) var heldUntil: Timestamp?
    private var failures = 0
    private var slower: Slowdown?
    private var narrower: Slowdown?

    /// A limit below the configured one, and when it was set.
    private struct Slowdown { var limit: Double; var since: Timestamp }

    public static let windowMilliseconds: Int64 = 20_000
    static let awayPause = Pause(first: 1_000, most: 60_000)
    static let stoppedPause = Pause(first: 60_000, most: 600_000)
    static let exhaustedPauseMilliseconds: Int64 = 1_800_000
    /// A twentieth of the configured limit is restored in this time without complaints.
    private static let recoveryMilliseconds = 6_000.0

    public init(_ limits: Limits, now: Timestamp) {
        self.limits = limits
        day = Self.day(now)
    }

    public func leftToday(_ now: Timestamp) -> Int {
        max(0, limits.callsPerDay - (day == Self.day(now) ? usedToday : 0))
    }

    public func used(_ now: Timestamp) -> Int { day == Self.day(now) ? usedToday : 0 }

    /// 06:00 UTC is midnight in US Central winter time; in summer it is an hour late.
    public static func resetsAt(_ now: Timestamp) -> Timestamp {
        Timestamp(second: (day(now) + 1) * 86_400 + resetSecond)
    }

    private static let resetSecond: Int64 = 6 * 3600
    private static func day(_ now: Timestamp) -> Int64 { (now.second - resetSecond) / 86_400 }
}

// MARK: Calls

extension CallBudget {
    /// Takes a slot if one is free.
    public mutating func admit(_ now: Timestamp) -> Admission {
        turn(now)
        if usedToday >= limits.callsPerDay { return .wait(until: Self.resetsAt(now)) }
        if let heldUntil, heldUntil > now { return .wait(until: heldUntil) }
        // While Marketo has a problem, one call at a time probes whether it still has.
        if inFlight >= (condition == .ok ? concurrentCalls(now) : 1) { return .wait(until: nil) }
        if inFlight + answered.count >= callsPer20Seconds(now) {
            return .wait(
                until: answered.first.map { Timestamp(milliseconds: $0.milliseconds + Self.windowMilliseconds) }
            )
        }
        inFlight += 1
        usedToday += 1
        return .go
    }

    /// Releases the slot; its place in the window stays taken for 20 seconds.
    public mutating func answer(
        _ signal: Signal,
        round: Int,
        now: Timestamp,
        using random: inout some RandomNumberGenerator
    ) {
        turn(now)
        inFlight -= 1
        answered.append(now)
        // It describes the state before the operator fixed the cause.
        if signal.isTrouble, round != self.round { return }
        if signal == .fine { return (condition, failures, heldUntil) = (.ok, 0, nil) }
        if signal == .unsure { return }
        // Several calls in flight fail together: that is one failure.
        if let heldUntil, heldUntil > now { return }
        failures += 1
        switch signal {
        case .fine, .unsure: break
        case .fewerCalls:
            slower = Slowdown(limit: max(1, Double(callsPer20Seconds(now)) / 2), since: now)
            hold(now, Self.windowMilliseconds + Int64.random(in: 0...2_000, using: &random))
        case .fewerAtOnce:
            narrower = Slowdown(limit: max(1, Double(concurrentCalls(now)) / 2), since: now)
            hold(now, Int64.random(in: 500...2_000, using: &random))
        case .nextDay(let trouble):
            condition = .backingOff(trouble)
            hold(now, min(Self.exhaustedPauseMilliseconds, Self.resetsAt(now).milliseconds - now.milliseconds))
        case .away(let trouble):
            condition = .backingOff(trouble)
            hold(now, Self.awayPause.milliseconds(after: failures, using: &random))
        case .stop(let trouble):
            condition = .stopped(trouble)
            hold(now, Self.stoppedPause.milliseconds(after: failures, using: &random))
        }
    }

    /// Nothing was sent after all: the slot is free immediately.
    public mutating func giveBack() {
        inFlight -= 1
        usedToday -= 1
    }

    /// An operator has fixed something: retry immediately, regardless of the answers to calls in flight.
    public mutating func retryNow() {
        heldUntil = nil
        round += 1
    }

    func callsPer20Seconds(_ now: Timestamp) -> Int { recovered(slower, limits.callsPer20Seconds, now) }
    func concurrentCalls(_ now: Timestamp) -> Int { recovered(narrower, limits.concurrentCalls, now) }

    private func recovered(_ slower: Slowdown?, _ full: Int, _ now: Timestamp) -> Int {
        guard let slower else { return full }
        let quiet = Double(max(0, now.milliseconds - slower.since.milliseconds))
        return min(full, Int(slower.limit + Double(full) / 20 * quiet / Self.recoveryMilliseconds))
    }

    private mutating func hold(_ now: Timestamp, _ milliseconds: Int64) {
        heldUntil = Timestamp(milliseconds: now.milliseconds + milliseconds)
    }

    private mutating func turn(_ now: Timestamp) {
        if Self.day(now) > day { (day, usedToday) = (Self.day(now), 0) }
        let oldest = now.milliseconds - Self.windowMilliseconds
        answered.removeAll { $0.milliseconds <= oldest }
    }
}

// MARK: Kept across restarts

extension CallBudget {
    /// The state to store before the call that was just admitted is made; nil while what was stored last counts it, too.
    ///
    /// It counts a few calls more than were made, so that it need not be stored for each: whoever goes on from it after
    /// a crash knows how many calls there may have been.
    public mutating func reserve() -> [UInt8]? {
        if usedToday > 1, covered > 0 {
            covered -= 1
            return nil
        }
        covered = reservedCalls
        return kept(ahead: covered)
    }

    /// The state was not stored: it counts no calls that are still to be made.
    public mutating func forgetReserved() { covered = 0 }

    /// The state to store once no more calls are made.
    public var kept: [UInt8] { kept(ahead: 0) }

    private func kept(ahead: Int) -> [UInt8] {
        let kept: JSON = [
            "day": .int(day), "used": .int(usedToday + ahead),
            "answered": .array(answered.map { JSON.int($0.milliseconds) }), "unanswered": .int(inFlight + ahead),
        ]
        return kept.encoded
    }

    /// How many calls are counted in advance: few beside the limit, because after a crash they count as made.
    private var reservedCalls: Int {
        min(Self.reservedCallsMax, limits.callsPer20Seconds / 5, limits.callsPerDay / 100)
    }
    private static let reservedCallsMax = 9

    /// Resumes from the stored state. Calls of which no answer was stored count as answered just now.
    public mutating func resume(_ kept: [UInt8], now: Timestamp) {
        guard let root = try? JSONDocument(kept).root else { return }
        if root["day"]?.int.map(Int64.init) == day { usedToday = root["used"]?.int ?? 0 }
        // Whose clock was ahead, or who did not store the times (an earlier version), has at least not called later.
        let times = root["answered"]?.elements.compactMap(\.int).map { Timestamp(milliseconds: Int64($0)) } ?? []
        let unanswered = root["unanswered"]?.int ?? (root["answered"]?.isArray == true ? 0 : limits.callsPer20Seconds)
        answered = times.map { min($0, now) } + Array(repeating: now, count: max(0, unanswered))
        turn(now)
    }
}
