public import OnewayCore

/// Calls Marketo: puts the token on a call, renews it when Marketo wants another, and tells what came of it.
///
/// Knows no budget and tries nothing again: that is its caller's to decide.
public final class MarketoClient: Sendable {
    /// How much longer than Marketo's own time-out we listen, or we would cut off calls that it completes.
    static let patienceSeconds = 15

    /// The longest a call may take, with a token that has to be got, twice.
    public static func secondsMax(_ call: MarketoCall) -> Int {
        2 * (TokenKeeper.secondsMax + call.secondsMax + patienceSeconds)
    }

    private let transport: any Transport
    private let tokens: TokenKeeper

    public init(
        _ access: MarketoAccess,
        transport: any Transport,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.transport = transport
        tokens = TokenKeeper(access, transport: transport, now: now)
    }

    /// Where Marketo is and how to get in may change while calls are under way: those end with what they began with.
    public func reload(_ access: MarketoAccess) { tokens.reload(access) }

    /// A token that Marketo does not take is replaced once. Marketo has done nothing then, so the call is sent again.
    public func call(_ call: MarketoCall) async -> CallOutcome {
        var refused: Token?
        for _ in 0..<2 {
            switch await tokens.token(insteadOf: refused) {
            case .token(let token):
                let outcome = await send(call, token)
                guard outcome.isComplaintAboutToken else { return outcome }
                refused = token
            case .refused(let code):
                return .badCredentials("Marketo does not take the client id and secret: \(code)")
            case .unavailable(let says):
                return .notSent("no token: \(says)")
            }
        }
        tokens.drop(refused)
        return .badCredentials("Marketo does not take the token that it has just given")
    }

    private func send(_ call: MarketoCall, _ token: Token) async -> CallOutcome {
        switch await transport.send(WireRequest(call, token)) {
        case .answered(413, _): return .tooLarge
        case .answered(let status, let body): return CallOutcome(status: status, body: body)
        case .notSent(let says): return .notSent(says)
        case .unknown(let says, let code): return .unknown(says, code: code)
        }
    }
}

extension WireRequest {
    init(_ call: MarketoCall, _ token: Token) {
        var headers = ["Accept: application/json", "Authorization: Bearer \(token.text)"]
        switch call.body {
        case .none: body = []
        case .json(let bytes):
            body = bytes
            headers.append("Content-Type: application/json")
        case .form(let bytes):
            body = bytes
            headers.append("Content-Type: application/x-www-form-urlencoded")
        }
        self.headers = headers
        method = call.method
        url = token.access.endpoint + call.path
        secondsMax = call.secondsMax + MarketoClient.patienceSeconds
        certificateAuthority = token.access.certificateAuthority
        isRepeatable = call.isRepeatable
    }
}

extension CallOutcome {
    init(status: Int, body: [UInt8]) {
        do {
            let answer = try MarketoAnswer(body)
            // Beside 200 only a refusal is believed: a success under another status is not Marketo's way.
            self = status == 200 || !answer.complaints.isEmpty ? .answered(answer) : .strange(status)
        } catch {
            self = status == 200 ? .unknown(error.says, code: "not-json") : .strange(status)
        }
    }

    private static func strange(_ status: Int) -> CallOutcome {
        .unknown("HTTP \(status) instead of an answer of Marketo's", code: String(status))
    }

    var isComplaintAboutToken: Bool {
        guard case .answered(let answer) = self, !answer.isSuccess else { return false }
        return answer.complaints.contains { ["600", "601", "602"].contains($0.code) }
    }
}
