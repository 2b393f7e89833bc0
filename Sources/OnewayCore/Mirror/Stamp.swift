/// How recent a reported value is: R7's tuple up to the value, which `StampedValue` compares last. An absent member is
/// lowest.
public struct Stamp: Hashable, Comparable, Sendable {
    /// Where the value was found, weakest first. Raw values are stored: never renumber.
    public enum Source: UInt8, Hashable, Comparable, Sendable {
        /// The image that Dynamics adds to asynchronous steps automatically: the record's name.
        case primaryName = 0
        case preImage = 1
        case postImage = 2
        case target = 3
        /// A read of the record from Dynamics.
        case reading = 4

        public static func < (left: Source, right: Source) -> Bool { left.rawValue < right.rawValue }

        /// It describes the record before a change, so it only fills in what is unknown: anything else is newer.
        public var fills: Bool { self <= .preImage }
    }

    /// Whole seconds since 1970, because `modifiedon` has no finer resolution.
    public let second: Int64
    public let rowVersion: UInt64?
    public let source: Source
    /// Nil also where the body's offset is not zero: such times are local to some server.
    public let operationCreatedOn: Timestamp?
    public let depth: Int?

    public init(
        second: Int64,
        source: Source,
        rowVersion: UInt64? = nil,
        operationCreatedOn: Timestamp? = nil,
        depth: Int? = nil
    ) {
        self.second = second
        self.source = source
        self.rowVersion = rowVersion
        self.operationCreatedOn = operationCreatedOn
        self.depth = depth
    }

    public var fills: Bool { source.fills }

    public static func < (left: Stamp, right: Stamp) -> Bool {
        if left.fills != right.fills { return left.fills }
        if left.second != right.second { return left.second < right.second }
        if left.rowVersion != right.rowVersion { return absentFirst(left.rowVersion, right.rowVersion) }
        if left.source != right.source { return left.source < right.source }
        if left.operationCreatedOn != right.operationCreatedOn {
            return absentFirst(left.operationCreatedOn, right.operationCreatedOn)
        }
        return absentFirst(left.depth, right.depth)
    }

    private static func absentFirst<Member: Comparable>(_ left: Member?, _ right: Member?) -> Bool {
        guard let right else { return false }
        guard let left else { return true }
        return left < right
    }
}

/// Where the time of a value was read from. Only the first is certain; the reasons mention the others.
public enum TimeOrigin: UInt8, Hashable, Comparable, Sendable {
    // Raw values are stored: never renumber.
    case modifiedOn = 0
    case postImage = 1
    case operation = 2
    case arrival = 3

    public static func < (left: TimeOrigin, right: TimeOrigin) -> Bool { left.rawValue < right.rawValue }
}
