/// Work that takes more than one step. It is stored with how far it has come, so that a restart continues there.
public struct Job: Hashable, Sendable {
    // Raw values are stored: rename none.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case sweep, replay, erasure, load, verify, adopt, reconcile
        /// One replica asks another, the leader.
        case ask
    }

    public enum State: String, Hashable, Sendable, CaseIterable { case running, done, failed, cancelled }

    public struct Key: Hashable, Comparable, Sendable, CustomStringConvertible {
        public let kind: Kind
        /// Unique among those of its kind.
        public let name: String

        public init(_ kind: Kind, _ name: String) { (self.kind, self.name) = (kind, name) }

        public var description: String { "\(kind.rawValue)/\(name)" }

        public static func < (left: Key, right: Key) -> Bool {
            left.kind == right.kind ? left.name < right.name : left.kind.rawValue < right.kind.rawValue
        }
    }

    public let key: Key
    /// The task, as JSON of its kind. It never changes.
    public let work: [UInt8]
    public var state: State = .running
    /// Where the last step ended, as its kind writes it; nil: nothing is done yet.
    public var cursor: String?
    /// The figures that people see while it runs.
    public var counts: [String: Int] = [:]
    public let startedAt: Timestamp
    public var endedAt: Timestamp?
    /// Why it failed, or what it waits for.
    public var message: String?

    public init(_ key: Key, work: [UInt8] = Array("{}".utf8), startedAt: Timestamp) {
        self.key = key
        self.work = work
        self.startedAt = startedAt
    }

    public mutating func end(_ state: State, _ message: String? = nil, at time: Timestamp) {
        (self.state, self.message, endedAt) = (state, message, time)
    }
}

extension Job {
    /// The job with these notifications counted: replayed, or gone or ignored.
    public func adding(replayed: Int, of count: Int) -> Job {
        var job = self
        job.counts["replayed", default: 0] += replayed
        job.counts["skipped", default: 0] += count - replayed
        return job
    }
}

extension Job.Kind {
    /// Only one of its kind at a time.
    public var runsAlone: Bool { [.replay, .load, .verify, .adopt, .reconcile].contains(self) }
}

/// What an operator wants of a job that is running.
public enum JobOrder: String, Hashable, Sendable {
    // Raw values are stored: rename none.
    case pause, cancel
}
