package import OnewayCore
import Reading
package import Store
import Telemetry

// Logs what one step of applying did, so that a notification can be followed to the Marketo records that it concerns:
// all lines of a step have the same number.
extension Log {
    func report(of contents: [InboxContent], in application: Application) {
        for content in contents {
            let (entry, outcome) = (content.entry, content.revision?.labels.outcome)
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

    /// Logs an operator's change of records with this message.
    package func report(_ message: StaticString, of records: [RecordKey], in application: Application) {
        for key in records { report(message, key, step: application.step) }
        report(of: application)
    }

    /// Logs the ids of everything that is erased. The records that Marketo should hold without it are logged by later
    /// steps.
    func report(of erasure: Erasure) {
        let step = Int(erasure.basis.number) + 1
        for id in erasure.inbox { debug("erased a notification", [.step: .int(step), .notification: .text("\(id)")]) }
        for key in erasure.removed { report("erased a record", key, step: step) }
        for key in erasure.outbox {
            debug(
                "erased a desired record",
                [.step: .int(step), .kind: .text(key.kind.rawValue), .record: .text(key.text)]
            )
        }
        for stale in erasure.stale { report("dependent records follow", stale.key, step: step) }
    }

    private func report(_ message: StaticString, _ key: RecordKey, step: Int) {
        debug(message, [.step: .int(step), .entity: .text(key.entity.rawValue), .record: .text("\(key.id)")])
    }

    func report(of application: Application) {
        for desired in application.desired {
            debug(
                "desired in Marketo",
                [
                    .step: .int(application.step), .kind: .text(desired.key.kind.rawValue),
                    .record: .text(desired.key.text),
                    .opportunity: .text(desired.opportunity.map { "\($0)" } ?? ""),
                    .reason: .text(desired.desired.heldFor?.rawValue ?? ""),
                ]
            )
        }
        for stale in application.stale { report("dependent records follow", stale.key, step: application.step) }
    }
}

extension Application {
    /// The mirror version that it produced.
    fileprivate var step: Int { Int(basis.number) + 1 }
}
