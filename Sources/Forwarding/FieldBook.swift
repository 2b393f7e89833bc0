import Coordination
import MarketoClient
package import OnewayCore
import Threads

/// Which fields Marketo takes, as it described them itself, and which owners it does not know, as it said. What it lacks is
/// left out rather than refused.
package final class FieldBook: Sendable {
    private struct Page: Sendable {
        var fields: MarketoFields
        var learnedAt: Timestamp
    }

    static let pageSecondsMax = 3_600

    private let pages = Locked<[RecordKind: Page]>([:])
    private let left = Locked<[RecordKind: Set<String>]>([:])
    /// Since when. Few, whereas records are many: each would fail the call it is in.
    private let strangers = Locked<[String: Timestamp]>([:])
    private let time: TimeSource

    init(time: TimeSource) { self.time = time }

    /// Never described, or a while ago.
    func isOutdated(_ kind: RecordKind) -> Bool {
        !isKnown(kind, since: time.now().adding(seconds: -Self.pageSecondsMax))
    }

    func isKnown(_ kind: RecordKind, since oldest: Timestamp) -> Bool {
        pages.withLock { $0[kind] }.map { $0.learnedAt > oldest } ?? false
    }

    /// An operator has mended something, in Marketo maybe: it is asked anew, and takes what it now takes.
    func lookAgain() {
        pages.withLock { pages in
            for kind in pages.keys { pages[kind]?.learnedAt = Timestamp(milliseconds: 0) }
        }
        strangers.withLock { $0 = [:] }
    }

    func noteStranger(_ owner: String) {
        let now = time.now()
        strangers.withLock { $0[owner] = now }
    }

    func isStranger(_ owner: String) -> Bool {
        let oldest = time.now().adding(seconds: -Self.pageSecondsMax)
        return strangers.withLock { $0[owner] }.map { $0 > oldest } ?? false
    }

    func learn(_ kind: RecordKind, _ fields: MarketoFields) {
        let now = time.now()
        pages.withLock { $0[kind] = Page(fields: fields, learnedAt: now) }
        left.withLock { $0[kind] = nil }
    }

    /// Nil: nothing is known of the fields.
    func takes(_ name: String, _ kind: RecordKind) -> Bool? {
        guard let fields = pages.withLock({ $0[kind] })?.fields else { return nil }
        return fields.dedupeFields.contains(name) || fields.byName[name]?.isUpdateable ?? false
    }

    /// Remembered for those who ask what is left out.
    func note(_ names: [String], _ kind: RecordKind) {
        left.withLock { $0[kind, default: []].formUnion(names) }
    }

    /// Fields that were to be sent and are left out.
    package var leftOut: [(kind: RecordKind, names: [String])] {
        left.withLock { left in
            left.filter { !$0.value.isEmpty }.map { ($0.key, $0.value.sorted()) }
        }.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    func fields(_ kind: RecordKind) -> MarketoFields? { pages.withLock { $0[kind]?.fields } }
}
