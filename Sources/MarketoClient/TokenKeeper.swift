import OnewayCore
import Threads

/// A token, and the access that it was got with: what it is good for.
struct Token: Sendable {
    let text: String
    let access: MarketoAccess
    let until: ContinuousClock.Instant
}

enum TokenOutcome: Sendable {
    case token(Token)
    case refused(String)
    case unavailable(String)
}

/// Keeps the token. Asks for one only where there is none, and once for all who wait for it.
///
/// It is used to its end: until then Marketo gives out the same one again, so asking earlier would gain nothing.
final class TokenKeeper: Sendable {
    /// A token that ends while the call is on its way costs a second one; Marketo counts neither.
    static let marginSeconds = 1
    static let secondsMax = 30

    private let transport: any Transport
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Locked<State>

    private struct State: Sendable {
        var access: MarketoAccess
        /// Counts the accesses, so that what was asked for with an older one is told apart.
        var generation = 0
        var token: Token?
        /// Ends with nil when a newer access came meanwhile.
        var renewal: Task<TokenOutcome?, Never>?
    }

    init(_ access: MarketoAccess, transport: any Transport, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.transport = transport
        self.now = now
        state = Locked(State(access: access))
    }

    func reload(_ access: MarketoAccess) {
        state.withLock { state in
            guard access != state.access else { return }
            state = State(access: access, generation: state.generation + 1)
        }
    }

    /// Forgets this token and no other: somebody else may have replaced it already.
    func drop(_ token: Token?) {
        state.withLock { state in
            if let token, state.token?.text == token.text { state.token = nil }
        }
    }

    func token(insteadOf refused: Token?) async -> TokenOutcome {
        drop(refused)
        while true {
            switch state.withLock({ next(&$0) }) {
            case .have(let token): return .token(token)
            case .wait(let renewal): if let outcome = await renewal.value { return outcome }
            }
        }
    }

    private enum Step: Sendable {
        case have(Token)
        case wait(Task<TokenOutcome?, Never>)
    }

    private func next(_ state: inout State) -> Step {
        if let token = state.token, now() < token.until { return .have(token) }
        if let renewal = state.renewal { return .wait(renewal) }
        let (access, generation) = (state.access, state.generation)
        let renewal = Task { await self.renew(access, generation) }
        state.renewal = renewal
        return .wait(renewal)
    }

    private func renew(_ access: MarketoAccess, _ generation: Int) async -> TokenOutcome? {
        let outcome = await ask(access)
        return state.withLock { state in
            guard state.generation == generation else { return nil }
            state.renewal = nil
            if case .token(let token) = outcome { state.token = token }
            return outcome
        }
    }

    private func ask(_ access: MarketoAccess) async -> TokenOutcome {
        let asked = now()
        switch await transport.send(WireRequest(tokenFor: access)) {
        case .answered(let status, let body):
            switch TokenAnswer(status: status, body: body) {
            case .token(let text, let seconds):
                let until = asked + .seconds(seconds - Self.marginSeconds)
                return .token(Token(text: text, access: access, until: until))
            case .refused(let code): return .refused(code)
            case .unclear(let says): return .unavailable("Marketo's identity service gave \(says)")
            }
        case .notSent(let says), .unknown(let says, code: _): return .unavailable(says)
        }
    }
}

extension WireRequest {
    init(tokenFor access: MarketoAccess) {
        let query = FormText.pairs([
            ("grant_type", "client_credentials"), ("client_id", access.clientID),
            ("client_secret", access.clientSecret),
        ])
        method = .get
        url = "\(access.endpoint)/identity/oauth/token?\(query)"
        headers = ["Accept: application/json"]
        body = []
        secondsMax = TokenKeeper.secondsMax
        certificateAuthority = access.certificateAuthority
        isRepeatable = true
    }
}
