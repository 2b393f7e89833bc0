/// The answer of Marketo's identity service to a token request.
public enum TokenAnswer: Hashable, Sendable {
    case token(String, seconds: Int)
    /// The credentials are wrong. Holds the service's own code.
    case refused(String)
    /// Says nothing about the credentials: the service has a problem, or something else answered.
    case unclear(String)

    /// Besides 401, the OAuth codes for wrong credentials.
    private static let refusals: Set<String> = [
        "access_denied", "invalid_client", "invalid_grant", "unauthorized", "unauthorized_client",
    ]

    /// Marketo says an hour. Regardless of its answer, a new token is requested after a day.
    private static let secondsMax = 86_400

    public init(status: Int, body: [UInt8]) {
        let root = try? JSONDocument(body).root
        let error = root?["error"]?.string ?? ""
        if status == 401 || status < 500 && Self.refusals.contains(error) {
            // The description next to the code repeats the client's id, so it is not passed on.
            self = .refused(Self.refusals.contains(error) ? error : "HTTP \(status)")
        } else if status != 200 {
            self = .unclear("HTTP \(status)")
        } else if let root {
            self = Self.token(in: root) ?? .unclear("an answer without a usable token")
        } else {
            self = .unclear("an answer that is not JSON")
        }
    }

    private static func token(in root: JSONValue) -> TokenAnswer? {
        guard let text = root["access_token"]?.string, isToken(text),
            let life = root["expires_in"], let seconds = life.int ?? life.string.flatMap({ Int($0) }), seconds >= 0
        else { return nil }
        return .token(text, seconds: min(seconds, secondsMax))
    }

    /// It is sent in a header: only visible ASCII.
    private static func isToken(_ text: String) -> Bool {
        (1...4096).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
