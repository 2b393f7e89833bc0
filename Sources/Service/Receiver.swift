import HTTPServer
import OnewayCore
import Telemetry

/// Takes what Dynamics sends.
struct Receiver: Sendable {
    let metrics: ServiceMetrics
    let log: Log

    func receive(_ request: Request) async -> Response {
        metrics.notifications[.unavailable].increment()
        return Problem(.storeUnavailable, "There is no store yet; nothing was kept.").response
    }

    func guardCreation(_ request: Request) async -> Response { Taken(.checked).response }

    func refuseMarketoCall(_ head: RequestHead) {
        metrics.refusals[.marketoWebhook].increment()
        log.info("refused a call from Marketo", [.request: .text(head.id), .rule: "R2", .address: .text(head.peer)])
    }
}
