import Threads

/// A token, and the access that it was obtained with and is valid for.
public struct Token<Access: Sendable>: Sendable {
    public let text: String
    public let access: Access
    let until: ContinuousClock.Instant

    public init(text: String, access: Access, until: ContinuousClock.Instant) {
        self.text = text
        self.access = access
        self.until = until
    }
}

public enum TokenOutcome<Access: Sendable>: Sendable {
    case token(Token<Access>)
    case refused(String)
    case unavailable(String)
}

/// The outcome of a request to an identity service.
public enum TokenGrant: Sendable {
    case granted(String, seconds: Int)
    case refused(String)
    case unavailable(String)
}

/// Keeps the token. Requests one only when there is none, and once for all who wait for it.
public final class TokenKeeper<Access: Hashable & Sendable>: Sendable {
    public typealias Ask = @Sendable (Access) async -> TokenGrant

    private let ask: Ask
    /// How long before its expiry a token is no longer used.
    private let marginSeconds: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Locked<State>

    private struct State: Sendable {
        var access: Access
        /// Counts the accesses, so that a token requested with an older one is recognized.
        var generation = 0
        var token: Token<Access>?
        /// Ends with nil when the access has changed meanwhile.
        var renewal: Task<TokenOutcome<Access>?, Never>?
    }

    public init(
        _ access: Access,
        marginSeconds: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        ask: @escaping Ask
    ) {
        self.ask = ask
        self.marginSeconds = marginSeconds
        self.now = now
        state = Locked(State(access: access))
    }

    public func reload(_ access: Access) {
        state.withLock { state in
            guard access != state.access else { return }
            state = State(access: access, generation: state.generation + 1)
        }
    }

    /// Drops this token and no other: another task may have replaced it already.
    public func drop(_ token: Token<Access>?) {
        state.withLock { state in
            if let token, state.token?.text == token.text { state.token = nil }
        }
    }

    public func token(insteadOf refused: Token<Access>?) async -> TokenOutcome<Access> {
        drop(refused)
        while true {
            switch state.withLock({ next(&$0) }) {
            case .have(let token): return .token(token)
            case .wait(let renewal): if let outcome = await renewal.value { return outcome }
            }
        }
    }

    private enum Step: Sendable {
        case have(Token<Access>)
        case wait(Task<TokenOutcome<Access>?, Never>)
    }

    private func next(_ state: inout State) -> Step {
        if let token = state.token, now() < token.until { return .have(token) }
        if let renewal = state.renewal { return .wait(renewal) }
        let (access, generation) = (state.access, state.generation)
        let renewal = Task { await self.renew(access, generation) }
        state.renewal = renewal
        return .wait(renewal)
    }

    private func renew(_ access: Access, _ generation: Int) async -> TokenOutcome<Access>? {
        let asked = now()
        let outcome: TokenOutcome<Access> =
            switch await ask(access) {
            case .granted(let text, let seconds):
                .token(Token(text: text, access: access, until: asked + .seconds(seconds - marginSeconds)))
            case .refused(let says): .refused(says)
            case .unavailable(let says): .unavailable(says)
            }
        return state.withLock { state in
            guard state.generation == generation else { return nil }
            state.renewal = nil
            if case .token(let token) = outcome { state.token = token }
            return outcome
        }
    }
}
