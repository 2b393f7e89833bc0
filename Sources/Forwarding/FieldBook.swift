import Coordination
import MarketoClient
package import OnewayCore
import Threads

/// The fields that Marketo accepts, as it described them, and the owners that it reported as unknown. They are left
/// out, so that the records are not refused.
package final class FieldBook: Sendable {
    private struct Page: Sendable {
        var fields: MarketoFields
        var learnedAt: Timestamp
    }

    static let pageSecondsMax = 3_600

    private let pages = Locked<[RecordKind: Page]>([:])
    private let left = Locked<[RecordKind: Set<String>]>([:])
    /// Unknown owners, and when each was reported. They are few, but their records are many, and each would fail the
    /// call it is in.
    private let strangers = Locked<[String: Timestamp]>([:])
    private let time: TimeSource

    init(time: TimeSource) { self.time = time }

    /// True when it was never described, or too long ago.
    func isOutdated(_ kind: RecordKind) -> Bool {
        !isKnown(kind, since: time.now().adding(seconds: -Self.pageSecondsMax))
    }

    func isKnown(_ kind: RecordKind, since oldest: Timestamp) -> Bool {
        pages.withLock { $0[kind] }.map { $0.learnedAt > oldest } ?? false
    }

    /// An operator has fixed something, possibly in Marketo: it is asked again, so that fields it accepts by now are
    /// sent.
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

    /// They are known by now.
    func forgetStrangers(_ owners: Set<String>) {
        strangers.withLock { strangers in strangers = strangers.filter { !owners.contains($0.key) } }
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

    /// Returns nil when nothing is known of the fields.
    func takes(_ name: String, _ kind: RecordKind) -> Bool? {
        guard let fields = pages.withLock({ $0[kind] })?.fields else { return nil }
        return fields.dedupeFields.contains(name) || fields.byName[name]?.isUpdateable ?? false
    }

    /// Remembers these names, so that operators can see what is left out.
    func note(_ names: [String], _ kind: RecordKind) {
        left.withLock { $0[kind, default: []].formUnion(names) }
    }

    /// Fields that should be sent but are left out.
    package var leftOut: [(kind: RecordKind, names: [String])] {
        left.withLock { left in
            left.filter { !$0.value.isEmpty }.map { ($0.key, $0.value.sorted()) }
        }.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    func fields(_ kind: RecordKind) -> MarketoFields? { pages.withLock { $0[kind]?.fields } }
}
