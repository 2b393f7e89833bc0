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

    public enum Role: String, CaseIterable, Sendable { case leader, follower, lost }

    public var role: Role { !isAlive ? .lost : leadsSince == nil ? .follower : .leader }

    /// After so long without a word it counts as gone.
    static let secondsSilentMax = 10
}

/// The processes that share a store, as one of them sees them.
public struct StoreReplicas: Hashable, Sendable {
    /// In the order of their names; empty where one process has the store to itself.
    public var list: [StoreReplica] = []
    /// How often leading has passed from one to another.
    public var handOvers: Int64 = 0
    /// How long the database took to answer this process's last heartbeat; nil: it did not.
    public var answeredIn: Duration?

    public init() {}

    /// The same, rounded up.
    public var answeredInMilliseconds: Int64? { answeredIn.map { Int64(($0 / .milliseconds(1)).rounded(.up)) } }

    public var isLed: Bool { list.contains { $0.role == .leader } }
}
