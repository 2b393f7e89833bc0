import OnewayCore

/// The tokens issued. One is valid at a time; the first use of an expired one is distinguished from later ones.
struct Tokens: Sendable {
    private var current: (text: String, expires: Timestamp)?
    /// Expired, and not used since.
    private var expired: [String] = []
    private let lifeSeconds: Int
    private(set) var given = 0

    init(lifeSeconds: Int) { self.lifeSeconds = lifeSeconds }

    /// Returns the same token until it expires, with the seconds it has left.
    mutating func give(now: Timestamp) -> (text: String, secondsLeft: Int) {
        given += 1
        retire(now: now)
        if let current { return (current.text, Int((current.expires.milliseconds - now.milliseconds) / 1000)) }
        let text = "\(String(UInt64.random(in: .min ... .max), radix: 16))-\(given):sandbox"
        current = (text, Timestamp(milliseconds: now.milliseconds + Int64(lifeSeconds) * 1000))
        return (text, lifeSeconds)
    }

    /// Returns why a call's token is refused; nil if it is valid.
    mutating func refusal(of token: String?, now: Timestamp) -> MarketoFailure? {
        retire(now: now)
        guard let token, !token.isEmpty else { return MarketoFailure("603") }
        if token == current?.text { return nil }
        guard let index = expired.firstIndex(of: token) else { return MarketoFailure("601") }
        expired.remove(at: index)
        return MarketoFailure("602")
    }

    mutating func expire() {
        guard let old = current else { return }
        current = nil
        expired = expired.suffix(99) + [old.text]
    }

    private mutating func retire(now: Timestamp) {
        if let current, current.expires <= now { expire() }
    }
}
