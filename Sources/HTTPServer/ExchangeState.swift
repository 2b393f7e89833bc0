/// The life of one request, as a value. The server reports each event to it and performs the action that it returns.
///
///     head ──> receiving ──> handling ──> ready ──> answered
///       │          └────> swallowing ───────┐         ^
///       └───────────────────────────────────┴─────────┘
struct ExchangeState {
    private(set) var phase = Phase.head

    enum Phase: Equatable {
        case head
        case receiving(lane: Lane, bytesMax: Int)
        /// The body is read and dropped, up to `bytesLeft` more bytes.
        case swallowing(Outcome, bytesLeft: Int)
        case handling(Lane)
        case ready
        case answered
    }

    /// The answer to give without asking the handler.
    enum Outcome: Equatable { case refuse(HTTPRefusal), given }

    enum HeadAction: Equatable { case answer(Outcome), readOn }
    enum PieceAction: Equatable { case keep, drop, cut }
    enum EndAction: Equatable { case handle(Lane), answer(Outcome), cut }

    /// The head is complete. `discard` returns how much of a body may be read and dropped before an answer that does
    /// not need it, or nil when that is not possible; called only if it matters.
    mutating func admitted(
        _ admission: Admission,
        contentLength: Int?,
        draining: Bool,
        discard: () -> Int?
    ) -> HeadAction {
        switch admission {
        case .answer: return answeredEarly(.given, contentLength, discard)
        case .receive(let bytesMax, let lane):
            if draining { return answeredEarly(.refuse(.draining), contentLength, discard) }
            if let contentLength, contentLength > bytesMax {
                return answeredEarly(.refuse(.tooLarge), contentLength, discard)
            }
            phase = .receiving(lane: lane, bytesMax: bytesMax)
            return .readOn
        }
    }

    /// Ambiguous framing has no end that we could wait for.
    mutating func refusedAtHead(_ refusal: HTTPRefusal) -> HeadAction {
        phase = .answered
        return .answer(.refuse(refusal))
    }

    /// An answer given at the head makes the library close the connection with the body unread, and the sender, a proxy
    /// above all, may then see a broken connection instead of the answer. So the body is read and dropped first, within
    /// limits.
    private mutating func answeredEarly(_ outcome: Outcome, _ contentLength: Int?, _ discard: () -> Int?) -> HeadAction
    {
        if contentLength == 0 {
            phase = .swallowing(outcome, bytesLeft: 0)
            return .readOn
        }
        guard let bytesMax = discard(), contentLength ?? 0 <= bytesMax else {
            phase = .answered
            return .answer(outcome)
        }
        phase = .swallowing(outcome, bytesLeft: bytesMax)
        return .readOn
    }

    /// A piece of the body arrived. `held`: there was room for it in memory.
    mutating func piece(bytes: Int, collected: Int, held: Bool) -> PieceAction {
        switch phase {
        case .receiving(_, let bytesMax):
            if collected + bytes > bytesMax {
                // The library forbids an answer now, and a client that is still sending would not see it.
                phase = .swallowing(.refuse(.tooLarge), bytesLeft: 3 * bytesMax)
                return .drop
            }
            if !held {
                phase = .swallowing(.refuse(.overloaded), bytesLeft: bytesMax)
                return .drop
            }
            return .keep
        case .swallowing(let outcome, let bytesLeft):
            guard bytes <= bytesLeft else { return .cut }
            phase = .swallowing(outcome, bytesLeft: bytesLeft - bytes)
            return .drop
        default: return .cut
        }
    }

    /// The body is complete. `.handle`: suspend, then hand over.
    mutating func ended(_ enter: (Lane) -> HTTPRefusal?) -> EndAction {
        switch phase {
        case .receiving(let lane, _):
            if let refusal = enter(lane) {
                phase = .answered
                return .answer(.refuse(refusal))
            }
            phase = .handling(lane)
            return .handle(lane)
        case .swallowing(let outcome, _):
            phase = .answered
            return .answer(outcome)
        default: return .cut
        }
    }

    /// There is an answer. Returns true for the first one, which alone wakes the connection.
    mutating func finished() -> Bool {
        guard case .handling = phase else { return false }
        phase = .ready
        return true
    }

    /// The connection was woken. Returns true once.
    mutating func woken() -> Bool {
        guard phase == .ready else { return false }
        phase = .answered
        return true
    }
}
