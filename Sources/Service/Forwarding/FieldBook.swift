import MarketoClient
import OnewayCore
import Threads

/// Which fields Marketo takes, as it described them itself. What it lacks is left out rather than refused.
final class FieldBook: Sendable {
    private struct Page: Sendable {
        var fields: MarketoFields
        var learnedAt: Timestamp
    }

    static let pageSecondsMax = 3_600

    private let pages = Locked<[RecordKind: Page]>([:])
    private let left = Locked<[RecordKind: Set<String>]>([:])
    private let time: Time

    init(time: Time) { self.time = time }

    /// Never described, or a while ago.
    func isOutdated(_ kind: RecordKind) -> Bool {
        let oldest = time.now().adding(seconds: -Self.pageSecondsMax)
        return pages.withLock { $0[kind] }.map { $0.learnedAt <= oldest } ?? true
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
    var leftOut: [(kind: RecordKind, names: [String])] {
        left.withLock { left in
            left.filter { !$0.value.isEmpty }.map { ($0.key, $0.value.sorted()) }
        }.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    func fields(_ kind: RecordKind) -> MarketoFields? { pages.withLock { $0[kind]?.fields } }
}
