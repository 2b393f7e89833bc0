package import Coordination
package import HTTPClient
import OnewayCore

/// Reads from Dynamics through Dataverse's Web API. R1 by type: nothing here can write to a business record.
///
/// Every request waits for its place in the budget; a pause that Dynamics asks for holds for all of them. A call ends by
/// its deadline. It makes no other retries, which are up to its caller.
public final class DataverseClient: Sendable {
    /// From the beginning of a call to its end, waiting included; a token that has to be asked for comes on top.
    public static let secondsMax = 120
    static let requestSecondsMax = 60

    private let transport: any Transport
    private let tokens: TokenKeeper<DataverseAccess>
    private let gate: RequestGate
    private let time: TimeSource
    private let answered: @Sendable (RequestResult) -> Void

    /// The transport needs as many threads as there may be concurrent requests, and one for the token.
    package convenience init(
        _ access: DataverseAccess,
        limits: RequestBudget.Limits,
        transport: any Transport,
        answered: @escaping @Sendable (RequestResult) -> Void = { _ in }
    ) {
        self.init(access, limits: limits, transport: transport, time: .system, answered: answered)
    }

    package init(
        _ access: DataverseAccess,
        limits: RequestBudget.Limits,
        transport: any Transport,
        time: TimeSource,
        answered: @escaping @Sendable (RequestResult) -> Void = { _ in },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.transport = transport
        self.time = time
        self.answered = answered
        gate = RequestGate(limits, time)
        tokens = TokenKeeper(access, marginSeconds: 60, now: now) { access in
            TokenGrant(await transport.send(HTTPRequest(tokenFor: access)))
        }
    }

    /// Address and credentials may change while calls are in flight: those keep the ones they began with.
    public func reload(_ access: DataverseAccess) { tokens.reload(access) }

    /// A token that Dynamics does not accept is replaced once.
    func send(_ request: DataverseRequest) async -> DataverseOutcome<DataverseAnswer?> {
        let deadline = time.now().adding(seconds: Self.secondsMax)
        var refused: Token<DataverseAccess>?
        while true {
            let token: Token<DataverseAccess>
            switch await tokens.token(insteadOf: refused) {
            case .token(let given): token = given
            case .refused(let words): return .failure(.unauthorized(words))
            case .unavailable(let words): return .failure(.unavailable("no token: \(words)"))
            }
            if let link = request.link, !token.access.covers(link) {
                return .failure(.unreadable("a link leads to another environment; it is not followed"))
            }
            if case .late(let until) = await gate.enter(by: deadline) { return .failure(.throttled(until: until)) }
            switch await attempt(request, token, by: deadline) {
            case .ended(let outcome): return outcome
            case .paused: continue
            case .tokenRefused where refused == nil: refused = token
            case .tokenRefused:
                tokens.drop(token)
                return .failure(.unauthorized("Dynamics does not accept the token that was just issued"))
            }
        }
    }

    private enum Attempt {
        case ended(DataverseOutcome<DataverseAnswer?>)
        /// Nothing was done; it may be tried again after the pause.
        case paused
        case tokenRefused
    }

    private func attempt(
        _ request: DataverseRequest,
        _ token: Token<DataverseAccess>,
        by deadline: Timestamp
    ) async -> Attempt {
        let began = time.now()
        let left = Int(max(1, (deadline.milliseconds - began.milliseconds + 999) / 1000))
        let outcome = await transport.send(
            HTTPRequest(request, token, secondsMax: min(Self.requestSecondsMax, left))
        )
        let ended = time.now()
        answered(RequestResult(outcome))
        switch outcome {
        case .notSent(let says):
            gate.giveBack()
            return .ended(.failure(.unavailable(says)))
        case .unknown(let says, code: _):
            gate.leave(RequestBudget.Remaining(), holdUntil: nil)
            return .ended(.failure(.unavailable(says)))
        case .answered(let answer):
            let meaning = AnswerMeaning(answer, table: request.table)
            var holdUntil: Timestamp?
            if case .pause(let seconds) = meaning { holdUntil = ended.adding(seconds: seconds) }
            gate.leave(RequestBudget.Remaining(answer), holdUntil: holdUntil)
            switch meaning {
            case .success: return .ended(.success(DataverseAnswer(answer, began: began, ended: ended)))
            case .notFound: return .ended(.success(nil))
            case .tokenRefused: return .tokenRefused
            case .failure(let failure): return .ended(.failure(failure))
            case .pause:
                // After 503 it is not known whether something was done.
                if answer.status == 429 || request.isRepeatable { return .paused }
                return .ended(.failure(.unavailable("Dynamics gave HTTP \(answer.status)")))
            }
        }
    }
}

/// The outcome of one request, for those who count them.
package enum RequestResult: String, Sendable, CaseIterable {
    case answered
    /// Dynamics asked for a pause: 429, or 503 with its length.
    case throttled
    /// No connection, no answer, or one of the 500s.
    case unavailable

    init(_ outcome: HTTPOutcome) {
        switch outcome {
        case .notSent, .unknown: self = .unavailable
        case .answered(let answer):
            switch answer.status {
            case 429: self = .throttled
            case 503 where answer.header("Retry-After") != nil: self = .throttled
            case 500...: self = .unavailable
            default: self = .answered
            }
        }
    }
}

extension DataverseAnswer {
    init(_ answer: HTTPAnswer, began: Timestamp, ended: Timestamp) {
        let told = answer.header("Date").flatMap(httpDate)
        // Its clock when it answered, less all the time that the request took: nothing was read before that.
        let taken = max(0, ended.milliseconds - began.milliseconds)
        self.init(
            status: answer.status,
            headers: answer.headers,
            root: try? JSONDocument(answer.body).root,
            readAt: told.map { Timestamp(milliseconds: $0.milliseconds - taken) } ?? began,
            clockDifferenceSeconds: told.map { $0.second - ended.second }
        )
    }
}
