public import OnewayCore

/// A state that a record was given by an executed call.
public struct HistoryEntry: Sendable, Hashable {
    public let at: Timestamp
    public let call: Int
    public let kind: MarketoKind
    public let key: String
    /// The record as sent, its members sorted; nil: it was to be deleted.
    public let state: JSON?
    /// `created`, `updated`, `deleted`, `skipped`.
    public let status: String
    /// Whether the client surely received the answer: not if a fault cut, spoiled, or delayed it.
    public let isHeard: Bool
}

/// The states that each record was given, in order. Bounded: the oldest are forgotten.
public struct History: Sendable {
    public private(set) var all: [HistoryEntry] = []

    static let toldMax = 100_000

    mutating func add(_ told: HistoryEntry) {
        all.append(told)
        if all.count > Self.toldMax + 5000 { all.removeFirst(5000) }
    }

    public func of(_ kind: MarketoKind, _ key: String) -> [HistoryEntry] {
        all.filter { $0.kind == kind && $0.key == key }
    }

    /// The states that were sent although the record had accepted the same one before and the client knew.
    public var repeated: [HistoryEntry] {
        var last: [String: HistoryEntry] = [:]
        return all.filter { told in
            guard told.status != Outcome.Status.skipped.rawValue else { return false }
            let name = "\(told.kind.rawValue) \(told.key)"
            defer { last[name] = told }
            return last[name].map { $0.isHeard && $0.state == told.state } ?? false
        }
    }
}
