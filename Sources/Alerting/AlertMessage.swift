package import Configuration
package import OnewayCore

/// An alert in the form that a receiver understands. Never has text from a notification.
package struct AlertMessage: Sendable {
    /// `raised` and `recovered`, or `check` for a trial.
    let change: String
    /// How it is now, as far as this cause goes.
    let level: HealthLevel
    let code: String
    let sentence: String
    var remedy: String?
    var since: Timestamp?
    var until: Timestamp?
    /// To the status page; nil: nobody knows by which address people reach it.
    let link: String?

    package init(_ alert: Alert, link: String?) {
        change = alert.change.rawValue
        level = alert.change == .raised ? alert.cause.level : .ok
        code = alert.cause.rawValue
        (sentence, remedy) = (alert.sentence, alert.remedy)
        (since, until, self.link) = (alert.since, alert.until, link)
    }

    /// What `oneway check` posts.
    package init(trialWithLink link: String?) {
        (change, level, code) = ("check", .ok, "check")
        (sentence, self.link) = ("`oneway check` tries whether alerts arrive here. Nothing is wrong.", link)
    }

    private var title: String {
        switch change {
        case Alert.Change.raised.rawValue: "Oneway: \(level.rawValue)"
        case Alert.Change.recovered.rawValue: "Oneway: over"
        default: "Oneway: a trial"
        }
    }

    private var times: String? {
        guard let since else { return nil }
        let end = until.map { ", over since \(Wording.absolute($0))" } ?? ""
        return "Since \(Wording.absolute(since))\(end)."
    }

    package func body(_ format: Configuration.AlertFormat) -> [UInt8] {
        switch format {
        case .json: json.encoded
        case .slack: slack.encoded
        case .teams: teams.encoded
        }
    }

    private var json: JSON {
        [
            "service": "oneway", "change": .string(change), "level": .string(level.rawValue), "code": .string(code),
            "sentence": .string(sentence), "remedy": .optional(remedy), "since": .optional(since.map { "\($0)" }),
            "until": .optional(until.map { "\($0)" }), "link": .optional(link),
        ]
    }

    private var slack: JSON {
        var lines = ["*\(title)*", sentence, remedy, times].compactMap(\.self).map(Self.escapedForSlack)
        if let link { lines.append("<\(Self.escapedForSlack(link))|Status page>") }
        return ["text": .string(lines.joined(separator: "\n"))]
    }

    /// The three characters that Slack's markup reserves.
    private static func escapedForSlack(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// An adaptive card, as the webhooks of Teams' Workflows take it.
    private var teams: JSON {
        let color = change == "raised" ? (level == .broken ? "Attention" : "Warning") : "Good"
        var blocks: [JSON] = [
            [
                "type": "TextBlock", "text": .string(title), "weight": "Bolder", "size": "Medium",
                "color": .string(color),
            ]
        ]
        for text in [sentence, remedy, times].compactMap(\.self) {
            blocks.append(["type": "TextBlock", "text": .string(text), "wrap": true])
        }
        var actions: [JSON] = []
        if let link { actions.append(["type": "Action.OpenUrl", "title": "Status page", "url": .string(link)]) }
        let card: JSON = [
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
            "version": "1.4", "body": .array(blocks),
            "actions": .array(actions),
        ]
        return [
            "type": "message",
            "attachments": [
                ["contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card]
            ],
        ]
    }
}
