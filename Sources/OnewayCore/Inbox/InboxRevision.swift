/// Other labels for an inbox row.
public struct InboxRevision: Hashable, Sendable {
    public var id: InboxID
    public var labels: InboxLabels

    public init(_ id: InboxID, _ labels: InboxLabels) { (self.id, self.labels) = (id, labels) }
}
