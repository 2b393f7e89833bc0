package import OnewayCore
import Reading
package import Store
import Telemetry

// What one step of applying did, so that a notification can be followed to the records of Marketo that it concerns:
// all lines of a step have the same number.
extension Log {
    func report(of contents: [InboxContent], in application: Application) {
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
        report(of: application)
    }

    /// What an operator told of records, in these words.
    package func report(_ message: StaticString, of records: [RecordKey], in application: Application) {
        for key in records { report(message, key, step: application.step) }
        report(of: application)
    }

    /// What is forgotten, by its ids; what Marketo is to hold without it follows.
    func report(of erasure: Erasure) {
        let step = Int(erasure.basis.number) + 1
        for id in erasure.inbox { debug("forgot a notification", [.step: .int(step), .notification: .text("\(id)")]) }
        for key in erasure.removed { report("forgot a record", key, step: step) }
        for key in erasure.outbox {
            debug(
                "forgot what was wanted",
                [.step: .int(step), .kind: .text(key.kind.rawValue), .record: .text(key.text)]
            )
        }
        for stale in erasure.stale { report("what depends on it follows", stale.key, step: step) }
    }

    private func report(_ message: StaticString, _ key: RecordKey, step: Int) {
        debug(message, [.step: .int(step), .entity: .text(key.entity.rawValue), .record: .text("\(key.id)")])
    }

    func report(of application: Application) {
        for desired in application.desired {
            debug(
                "wanted of Marketo",
                [
                    .step: .int(application.step), .kind: .text(desired.key.kind.rawValue),
                    .record: .text(desired.key.text),
                    .opportunity: .text(desired.opportunity.map { "\($0)" } ?? ""),
                    .reason: .text(desired.desired.heldFor?.rawValue ?? ""),
                ]
            )
        }
        for stale in application.stale { report("what depends on it follows", stale.key, step: application.step) }
    }
}

extension Application {
    /// The mirror's version that it made.
    fileprivate var step: Int { Int(basis.number) + 1 }
}
