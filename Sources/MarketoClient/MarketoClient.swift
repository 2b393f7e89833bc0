public import HTTPClient
public import OnewayCore

/// Calls Marketo: adds the token to a call, renews it when Marketo rejects it, and returns the outcome.
///
/// Knows no budget and makes no retries, which are up to its caller.
public final class MarketoClient: Sendable {
    /// How much longer than Marketo's own time-out we wait; otherwise we would cut off calls that it completes.
    static let patienceSeconds = 15

    /// The longest that a call may take: a token request and the call, each up to twice.
    public static func secondsMax(_ call: MarketoCall) -> Int {
        2 * (TokenGrant.secondsMax + call.secondsMax + patienceSeconds)
    }

    private let transport: any Transport
    private let mayCall: @Sendable () -> Bool
    private let tokens: TokenKeeper<MarketoAccess>

    /// - Parameter mayCall: Asked right before a call is sent.
    public init(
        _ access: MarketoAccess,
        transport: any Transport,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        mayCall: @escaping @Sendable () -> Bool = { true }
    ) {
        (self.transport, self.mayCall) = (transport, mayCall)
        // A token is used until it expires: until then Marketo returns the same one, so requesting earlier gains
        // nothing. One that expires while a call is in flight costs a second one; Marketo counts neither.
        tokens = TokenKeeper(access, marginSeconds: 1, now: now) { access in
            TokenGrant(await transport.send(HTTPRequest(tokenFor: access)))
        }
    }

    /// Address and credentials may change while calls are in flight: those keep the ones they began with.
    public func reload(_ access: MarketoAccess) { tokens.reload(access) }

    /// A token that Marketo does not accept is replaced once. Marketo has done nothing then, so the call is sent again.
    public func call(_ call: MarketoCall) async -> CallOutcome {
        var refused: Token<MarketoAccess>?
        for _ in 0..<2 {
            switch await tokens.token(insteadOf: refused) {
            case .token(let token):
                let outcome = await send(call, token)
                guard outcome.isComplaintAboutToken else { return outcome }
                refused = token
            case .refused(let code):
                return .badCredentials("Marketo does not accept the client id and secret: \(code)")
            case .unavailable(let says):
                return .notSent("no token: \(says)")
            }
        }
        tokens.drop(refused)
        return .badCredentials("Marketo does not accept the token that it has just issued")
    }

    private func send(_ call: MarketoCall, _ token: Token<MarketoAccess>) async -> CallOutcome {
        guard mayCall() else { return .notSent("another replica may lead now") }
        switch await transport.send(HTTPRequest(call, token)) {
        case .answered(let answer) where answer.status == 413: return .tooLarge
        case .answered(let answer): return CallOutcome(status: answer.status, body: answer.body)
        case .notSent(let says): return .notSent(says)
        case .unknown(let says, let code): return .unknown(says, code: code)
        }
    }
}

extension HTTPRequest {
    init(_ call: MarketoCall, _ token: Token<MarketoAccess>) {
        var headers = ["Accept: application/json", "Authorization: Bearer \(token.text)"]
        let bytes: [UInt8]
        switch call.body {
        case .none: bytes = []
        case .json(let json):
            bytes = json
            headers.append("Content-Type: application/json")
        case .form(let form):
            bytes = form
            headers.append("Content-Type: application/x-www-form-urlencoded")
        }
        self.init(
            call.method == .get ? .get : .post,
            token.access.endpoint + call.path,
            headers: headers,
            body: bytes,
            secondsMax: call.secondsMax + MarketoClient.patienceSeconds,
            trust: Trust(authorities: token.access.certificateAuthority),
            isRepeatable: call.isRepeatable
        )
    }

    init(tokenFor access: MarketoAccess) {
        let query = PercentEncoding.query([
            ("grant_type", "client_credentials"), ("client_id", access.clientID),
            ("client_secret", access.clientSecret),
        ])
        self.init(
            .get,
            "\(access.endpoint)/identity/oauth/token?\(query)",
            headers: ["Accept: application/json"],
            secondsMax: TokenGrant.secondsMax,
            trust: Trust(authorities: access.certificateAuthority),
            isRepeatable: true
        )
    }
}

extension TokenGrant {
    static let secondsMax = 30

    /// From Marketo's identity service.
    init(_ outcome: HTTPOutcome) {
        switch outcome {
        case .answered(let answer):
            switch TokenAnswer(status: answer.status, body: answer.body) {
            case .token(let text, let seconds): self = .granted(text, seconds: seconds)
            case .refused(let code): self = .refused(code)
            case .unclear(let says): self = .unavailable("Marketo's identity service gave \(says)")
            }
        case .notSent(let says), .unknown(let says, code: _): self = .unavailable(says)
        }
    }
}

extension CallOutcome {
    init(status: Int, body: [UInt8]) {
        do {
            let answer = try MarketoAnswer(body)
            // With any other status only a refusal is believed: Marketo never reports success that way.
            self = status == 200 || !answer.complaints.isEmpty ? .answered(answer) : .strange(status)
        } catch {
            self = status == 200 ? .unknown(error.says, code: "not-json") : .strange(status)
        }
    }

    private static func strange(_ status: Int) -> CallOutcome {
        .unknown("HTTP \(status) instead of an answer from Marketo", code: String(status))
    }

    var isComplaintAboutToken: Bool {
        guard case .answered(let answer) = self, !answer.isSuccess else { return false }
        return answer.complaints.contains { ["600", "601", "602"].contains($0.code) }
    }
}
