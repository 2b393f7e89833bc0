public import OnewayCore

/// One of the processes that share a store.
public struct StoreReplica: Hashable, Sendable {
    public let name: String
    public let version: String
    public let startedAt: Timestamp
    /// When it last said that it is alive, by the database's clock.
    public let heardAt: Timestamp
    /// Whether that was a moment ago.
    public let isAlive: Bool
    /// Nil: another one leads.
    public let leadsSince: Timestamp?

    /// After so long without a word it counts as gone.
    static let secondsSilentMax = 10
}
