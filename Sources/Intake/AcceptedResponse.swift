import HTTPServer
import OnewayCore

/// A 202 with the notification's outcome.
struct AcceptedResponse {
    enum Outcome: String { case accepted, duplicate, ignored, checked, quarantined }

    let outcome: Outcome
    let notification: String?
    let reasons: [Reason]

    init(_ outcome: Outcome, notification: String? = nil, reasons: [Reason] = []) {
        self.outcome = outcome
        self.notification = notification
        self.reasons = reasons
    }

    var response: Response {
        Response(
            status: 202,
            json: [
                "outcome": .string(outcome.rawValue), "notification": .optional(notification),
                "reasons": .array(reasons.map(\.json)),
            ]
        )
    }
}
