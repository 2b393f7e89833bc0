public import OnewayCore

/// Everything to erase of a person, all or nothing.
public struct Erasure: Sendable {
    /// The mirror version that this was computed from.
    public var basis: MirrorVersion
    /// Mirrored records to remove.
    public var removed: [RecordKey] = []
    /// Records to keep, without the values that pointed to the person, and with all their references.
    public var cleaned: [(record: MirrorRecord, references: [Reference])] = []
    /// Records whose desired records, or whose reasons, have to be computed again.
    public var stale: [StaleRecord] = []
    /// Outbox rows to remove, if Marketo has nothing of them. The others stay.
    public var outbox: [DeliveryKey] = []
    public var leads: [String] = []
    /// Applied notifications to remove.
    public var inbox: [InboxID] = []
    /// How far jobs have come with this.
    public var jobs: [Job] = []

    public init(basis: MirrorVersion) { self.basis = basis }
}

/// How many rows were removed.
public struct Erased: Hashable, Sendable {
    public var inbox = 0
    public var mirror = 0
    public var outbox = 0

    public init() {}

    public static func += (left: inout Erased, right: Erased) {
        left.inbox += right.inbox
        left.mirror += right.mirror
        left.outbox += right.outbox
    }
}

extension Job {
    /// The job with these rows counted as removed.
    public func adding(_ erased: Erased) -> Job {
        var job = self
        for (name, count) in [("inbox", erased.inbox), ("mirror", erased.mirror), ("outbox", erased.outbox)] {
            job.counts[name, default: 0] += count
        }
        return job
    }
}

/// Which notifications of a page name some records.
public struct Mentions: Hashable, Sendable {
    public var found: [InboxID] = []
    /// How many were searched.
    public var count = 0
    /// The last one of the page; nil when there were no more.
    public var last: InboxID?
}

/// Searches notifications for the ids of records.
struct MentionSearch {
    private let ids: Set<GUID>
    private let texts: [[UInt8]]

    init(_ ids: [GUID]) {
        self.ids = Set(ids)
        texts = ids.flatMap { [Array("\($0)".utf8), Array("\($0)".uppercased().utf8)] }
    }

    func finds(_ entry: StoredEntry) -> Bool {
        if let record = entry.record, ids.contains(record) { return true }
        guard entry.body != nil else { return false }
        // A damaged body may be about anyone, and is of no use.
        guard let body = entry.readable else { return true }
        return texts.contains { Self.contains(body.span, $0.span) }
    }

    private static func contains(_ body: Span<UInt8>, _ text: Span<UInt8>) -> Bool {
        guard text.count > 0, body.count >= text.count else { return false }
        for start in 0...(body.count - text.count) where body[start] == text[0] {
            var length = 1
            while length < text.count, body[start + length] == text[length] { length += 1 }
            if length == text.count { return true }
        }
        return false
    }
}
