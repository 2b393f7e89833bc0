package import Telemetry

/// The metrics of the public listener.
package struct IntakeMetrics: Sendable {
    let notifications: Labeled<NotificationOutcome, Counter>
    let refusals: Labeled<Door, Counter>
    let answers: Labeled<LabelPair<RouteLabel, StatusLabel>, Counter>
    let answerSeconds: Labeled<RouteLabel, Histogram>

    package init(_ metrics: inout Metrics) {
        notifications = metrics.counters(
            "oneway_notifications_total",
            "Notifications by outcome.",
            by: NotificationOutcome.self
        )
        refusals = metrics.counters(
            "oneway_refusals_total",
            "Refused creations of opportunities from Marketo's side (R2), by door.",
            by: Door.self
        )
        answers = metrics.counters(
            "oneway_http_requests_total",
            "Requests to the public listener by route and status.",
            by: LabelPair<RouteLabel, StatusLabel>.self
        )
        answerSeconds = metrics.histograms(
            "oneway_http_request_seconds",
            "Time from a request's first line to the end of its response.",
            by: RouteLabel.self,
            bounds: Histogram.secondsBounds
        )
    }
}

extension IntakeMetrics {
    /// Notifications that were answered 503, and 401.
    package var turnedAway: Int { answers[LabelPair(.notifications, .unavailable)].value }
    package var unauthorized: Int { answers[LabelPair(.notifications, .unauthorized)].value }
}

enum NotificationOutcome: String, MetricLabel {
    static let labelName = "outcome"
    case accepted, duplicate, ignored, checked, refused, quarantined, unavailable

    init(_ outcome: AcceptedResponse.Outcome) {
        self =
            switch outcome {
            case .accepted: .accepted
            case .duplicate: .duplicate
            case .ignored: .ignored
            case .checked: .checked
            case .quarantined: .quarantined
            }
    }
}

enum Door: String, MetricLabel {
    static let labelName = "door"
    case marketoWebhook = "marketo-webhook"
    case marketoUser = "marketo-user"
}

enum RouteLabel: String, MetricLabel {
    static let labelName = "route"
    case notifications, `guard`, marketo, healthz, readyz, openapi, other

    init(_ route: PublicRoute?) {
        switch route {
        case .notifications: self = .notifications
        case .guard: self = .guard
        case .marketo: self = .marketo
        case .healthz: self = .healthz
        case .readyz: self = .readyz
        case .openapi: self = .openapi
        case nil: self = .other
        }
    }
}

/// `none`: the connection broke, or was cut, before a response.
enum StatusLabel: String, MetricLabel {
    static let labelName = "status"
    case ok = "200"
    case taken = "202"
    case bad = "400"
    case unauthorized = "401"
    case forbidden = "403"
    case notFound = "404"
    case method = "405"
    case tooLarge = "413"
    case mediaType = "415"
    case unusable = "422"
    case unavailable = "503"
    case none

    init(_ status: Int?) { self = status.flatMap { StatusLabel(rawValue: String($0)) } ?? .none }
}
