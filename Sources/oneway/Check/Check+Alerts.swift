import Alerting
import Configuration
import HTTPClient
import OnewayCore

extension Check {
    /// Posts a message that says it is a trial.
    static let alerts: Section = { settings, _ in
        guard let receiver = AlertReceiver(settings.alerts) else { return [] }
        let message = AlertMessage(trialWithLink: settings.admin.statusPage)
        let transport = CurlTransport(threads: 1, userAgent: Oneway.userAgent)
        guard let trouble = await receiver.post(message, by: transport) else {
            return [.passes("alerts", "alerts.url takes them (a trial was posted there, as \(settings.alerts.format))")]
        }
        let remedy =
            "check alerts.url, alerts.format, and whether this machine may call it; nobody would be told of any trouble"
        return [.fails("alerts", "alerts.url does not take them: \(trouble)", remedy: remedy)]
    }
}
