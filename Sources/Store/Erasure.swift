public import OnewayCore

/// What is to be forgotten of a person, all of it or nothing.
public struct Erasure: Sendable {
    /// The mirror that this was computed from.
    public var basis: MirrorVersion
    /// Mirrored records that go.
    public var removed: [RecordKey] = []
    /// Those that stay, without what pointed to the person, and with all their references.
    public var cleaned: [(record: MirrorRecord, references: [Reference])] = []
    /// Records whose wishes, or whose reasons, follow anew.
    public var stale: [StaleRecord] = []
    /// Rows of the outbox that go, where Marketo has nothing of them. The others stay.
    public var outbox: [DeliveryKey] = []
    public var leads: [String] = []
    /// Applied notifications that go.
    public var inbox: [InboxID] = []
    /// How far jobs have come with this.
    public var jobs: [Job] = []

    public init(basis: MirrorVersion) { self.basis = basis }
}

/// How many rows went.
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
    /// As many were looked through.
    public var count = 0
    /// The last of the page; nil: nothing came after.
    public var last: InboxID?
}

/// Finds records by their ids in bodies.
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
        // A damaged body may be about anybody, and is of no use to anybody.
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
