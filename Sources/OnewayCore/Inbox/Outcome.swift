/// The outcome of a notification on arrival.
public enum Outcome: String, Sendable, CaseIterable {
    case accepted, ignored, refused, quarantined

    /// Ignored ones are only counted and listed. The others may be read again by a better decoder or rule.
    public var keepsBody: Bool { self != .ignored }

    /// On arrival: the oldest of these give way to the newest. A row set aside later by the applier does not, because
    /// it was once accepted.
    public var givesWay: Bool { self == .ignored || self == .quarantined }

    /// A refused creation is a fact about its opportunity, so it is merged like the others.
    public var isApplied: Bool { self == .accepted || self == .refused }
}

/// The answer to an append, given after the fsync.
public enum Appended: Hashable, Sendable {
    case stored(InboxID)
    /// Stored before, with this id and outcome.
    case duplicate(of: InboxID, outcome: Outcome)
}
