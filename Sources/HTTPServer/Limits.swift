public struct HTTPLimits: Sendable {
    public var connectionsMax = 2048
    /// Requests being answered at once, not counting the reserved lane.
    public var requestsInFlightMax = 512
    public var reservedInFlightMax = 64
    public var bodiesInMemoryBytesMax = 32 << 20
    public var reservedBodiesBytesMax = 8 << 20
    public var headersMax = 100
    /// The most of an unneeded body that is read and dropped before an early answer. If the body is larger, the answer
    /// is given at once, and the connection closes.
    public var discardedBytesMax = 16 << 20
    /// Connections whose body is dropped in that way. Any beyond are answered at once.
    public var discardingConnectionsMax = 256
    /// Applies to each phase: a head arrives, a body arrives, a handler answers, the answer is sent.
    public var requestSecondsMax = 30.0
    /// A connection kept alive without a request.
    public var idleSecondsMax = 75.0
    /// How long a stop waits for what is still arriving.
    public var arrivingSecondsMax = 2.0

    public init() {}
}
