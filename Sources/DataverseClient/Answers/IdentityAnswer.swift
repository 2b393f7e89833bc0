import HTTPClient
import OnewayCore

extension TokenGrant {
    static let secondsMax = 30

    init(_ outcome: HTTPOutcome) {
        switch outcome {
        case .answered(let answer): self.init(status: answer.status, body: answer.body)
        case .notSent(let says), .unknown(let says, code: _): self = .unavailable(says)
        }
    }

    /// From Microsoft's identity service (Entra ID). Its descriptions hold ids, so only its numbers are passed on.
    init(status: Int, body: [UInt8]) {
        switch TokenAnswer(status: status, body: body) {
        case .token(let text, let seconds): self = .granted(text, seconds: seconds)
        case .refused(let code): self = .refused(Self.meaning(body) ?? code)
        case .unclear(let says):
            // Only a client's mistake has such a number: without it, something else answered.
            if (400..<500).contains(status), status != 429, let meaning = Self.meaning(body) {
                self = .refused(meaning)
            } else {
                self = .unavailable("the identity service gave \(says)")
            }
        }
    }

    private static func meaning(_ body: [UInt8]) -> String? {
        guard let number = try? JSONDocument(body).root["error_codes"]?.elements.first?.int else { return nil }
        let meaning =
            switch number {
            case 7_000_215: "the client secret is wrong; it is the secret's value, not its id"
            case 7_000_222: "the client secret has expired"
            case 700_016: "the tenant has no application with this client id"
            case 90_002: "there is no such tenant"
            case 500_011: "the tenant has no environment at this address"
            case 53_003: "a conditional access policy forbids it"
            default: "the identity service refused"
            }
        return "\(meaning) (AADSTS\(number))"
    }
}
