/// Why the store could not do something. A call that throws this has changed nothing.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// The store does not work at the moment; it recovers automatically when it can.
        case unavailable
        /// The database is not as it has to be, or does not admit this user: somebody has to change something.
        case misconfigured
        /// No room: the disk is full, or unapplied notifications fill all that the inbox may use.
        case diskFull = "disk-full"
        /// The file is damaged or is not a store.
        case corrupt
        /// A newer Oneway wrote this store.
        case newerSchema = "newer-schema"
        /// An older Oneway wrote this store, and it was opened for reading only: the service migrates it when it
        /// starts.
        case olderSchema = "older-schema"
        /// Another process has the store open.
        case inUse = "in-use"
        /// The state that this change was computed from has changed since: compute it again.
        case outdated
        /// Another term of leading has begun: this one is over.
        case notLeader = "not-leader"
        /// The request breaks a rule of the store, such as a value over its limit.
        case invalid
        /// The store is closed.
        case closed
    }

    public let kind: Kind
    /// Safe to show and to log: never contains data of a row.
    public let detail: String

    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    static let closed = StoreError(.closed, "the store is closed")
    static let notLeader = StoreError(.notLeader, "another term of leading has begun")
    static let inboxIsFull = StoreError(.diskFull, "unapplied notifications fill the inbox")

    /// Whether whoever works on the store is to end.
    public var endsWork: Bool { kind == .closed || kind == .notLeader }

    /// Whether waiting may help.
    public var mends: Bool { kind == .unavailable || kind == .diskFull }

    public var description: String { "\(kind.rawValue): \(detail)" }
}
