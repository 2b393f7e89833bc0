public import OnewayCore

/// Keeps the inbox as it came, the mirror of Dynamics, and the outbox to Marketo, behind three faces.
///
/// Whatever changes something returns after it is durable, and changes all of it or nothing. Whatever throws changed
/// nothing. Times are passed in.
public protocol Store: StoreIntake, StoreApplying {
    /// Begins to lead, as soon as it is this process's turn: what an earlier term has still in hand is refused from now on.
    func lead() async throws(StoreError) -> any StoreLeader

    /// The processes that share the store.
    func replicas() async throws(StoreError) -> StoreReplicas

    /// Damage that was found, in safe words; empty when all is well. Reads everything.
    func problems() async throws(StoreError) -> [String]

    /// Performs the queued writes, then closes. Every later call throws `closed`.
    func close() async
}

/// The events that workers wait for.
public enum Topic: Int, CaseIterable, Sendable {
    /// Something may have to be applied, or passed on.
    case inbox
    /// Something may be due.
    case outbox
    /// A job has begun, ended, or has other figures.
    case jobs
    /// Something is to be asked of Dynamics, or was answered.
    case questions
    /// An operator has paused, resumed, or repaired something.
    case orders
}

/// The orders of operators to the forwarder.
public struct Orders: Hashable, Sendable {
    /// Nil: forwarding is not paused.
    public var pausedSince: Timestamp?
    /// When an operator last said that something was repaired.
    public var retriedAt: Timestamp?
}
