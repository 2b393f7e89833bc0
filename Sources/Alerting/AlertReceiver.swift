package import Configuration
package import HTTPClient
import OnewayCore

/// Where alerts are posted. Its address is a secret, and is never printed.
package struct AlertReceiver: Sendable {
    static let secondsMax = 10

    private let address: Secret
    private let format: Configuration.AlertFormat

    /// Nil: nothing is to be posted.
    package init?(_ alerts: Configuration.Alerts) {
        guard let url = alerts.url else { return nil }
        (address, format) = (url, alerts.format)
    }

    /// Returns what went wrong; nil: it arrived.
    package func post(_ message: AlertMessage, by transport: any Transport) async -> String? {
        var request = HTTPRequest(
            .post,
            address.reveal(),
            headers: ["Content-Type: application/json", "Accept: */*"],
            body: message.body(format),
            secondsMax: Self.secondsMax,
            isRepeatable: false
        )
        request.answerBytesMax = 1 << 20
        switch await transport.send(request) {
        case .answered(let answer) where (200..<300).contains(answer.status): return nil
        case .answered(let answer): return "it answers \(answer.status)"
        case .notSent: return "it cannot be reached"
        case .unknown(_, let code): return code == "timeout" ? "it does not answer in time" : "the connection broke"
        }
    }
}

extension Configuration.Admin {
    /// The status page's address, for people who are told by an alert: by the first of `admin.hosts`, if one is named.
    /// Nil: it listens on all addresses, and nobody knows by which one people reach it.
    package var statusPage: String? {
        guard let host = hosts.first ?? (address.isEverywhere ? nil : "\(address)") else { return nil }
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
    }
}
