/// What Marketo's identity service answered to the question for a token.
public enum TokenAnswer: Hashable, Sendable {
    case token(String, seconds: Int)
    /// The credentials are wrong. Says which way, in the service's own code.
    case refused(String)
    /// Nothing that tells about the credentials: the service is in trouble, or something else answered.
    case unclear(String)

    /// Beside 401, what OAuth calls wrong credentials.
    private static let refusals: Set<String> = [
        "access_denied", "invalid_client", "invalid_grant", "unauthorized", "unauthorized_client",
    ]

    /// Marketo says an hour. Whatever it says, it is asked again after a day.
    private static let secondsMax = 86_400

    public init(status: Int, body: [UInt8]) {
        let root = try? JSONDocument(body).root
        let error = root?["error"]?.string ?? ""
        if status == 401 || status < 500 && Self.refusals.contains(error) {
            // The description beside the code repeats the client's id: it is not told on.
            self = .refused(Self.refusals.contains(error) ? error : "HTTP \(status)")
        } else if status != 200 {
            self = .unclear("HTTP \(status)")
        } else if let root {
            self = Self.token(in: root) ?? .unclear("an answer without a usable token")
        } else {
            self = .unclear("an answer that is no JSON")
        }
    }

    private static func token(in root: JSONValue) -> TokenAnswer? {
        guard let text = root["access_token"]?.string, isToken(text),
            let life = root["expires_in"], let seconds = life.int ?? life.string.flatMap({ Int($0) }), seconds >= 0
        else { return nil }
        return .token(text, seconds: min(seconds, secondsMax))
    }

    /// It goes into a header: visible ASCII alone.
    private static func isToken(_ text: String) -> Bool {
        (1...4096).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
