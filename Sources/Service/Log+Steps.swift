import OnewayCore
import Store
import Telemetry

// What one step of applying did, so that a notification can be followed to the records of Marketo that it concerns:
// all lines of a step have the same number.
extension Log {
    func tell(of contents: [InboxContent], in application: Application) {
        for content in contents {
            let (entry, outcome) = (content.entry, content.revision?.outcome)
            debug(
                "applied",
                [
                    .notification: .text("\(content.id)"), .step: .int(application.step),
                    .state: .text(outcome?.rawValue ?? "applied"), .entity: .text(entry?.entity ?? ""),
                    .opportunity: .text(entry?.opportunity.map { "\($0)" } ?? ""),
                ]
            )
        }
        tell(of: application)
    }

    func tell(of application: Application) {
        for wish in application.wishes {
            debug(
                "wanted of Marketo",
                [
                    .step: .int(application.step), .kind: .text(wish.key.kind.rawValue), .record: .text(wish.key.text),
                    .opportunity: .text(wish.opportunity.map { "\($0)" } ?? ""),
                    .reason: .text(wish.wish.heldFor?.rawValue ?? ""),
                ]
            )
        }
        for stale in application.stale {
            debug(
                "what depends on it follows",
                [
                    .step: .int(application.step), .entity: .text(stale.key.entity.rawValue),
                    .record: .text("\(stale.key.id)"),
                ]
            )
        }
    }
}

extension Application {
    /// The mirror's version that it made.
    fileprivate var step: Int { Int(basis.number) + 1 }
}
