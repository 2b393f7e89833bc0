public import OnewayCore

/// What is kept: the inbox as it came, the mirror of Dynamics, the outbox to Marketo.
///
/// Whatever changes something answers after it is durable, and changes all of it or nothing. What throws changed
/// nothing. Times are passed in.
public protocol Store: Sendable {
    /// Why nothing can be appended now; nil when all is well. Asks the disk, not the tables.
    var failure: StoreError? { get }

    // MARK: Inbox

    /// Stores a notification once, however often and from however many callers it comes.
    func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended
    /// The oldest that wait to be applied, up to so many and about so many bytes of bodies, but at least one.
    func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry]
    /// Newest first; `before` is the last of the page before.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem]
    func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem?
    func body(of id: InboxID) async throws(StoreError) -> [UInt8]?

    /// Writes what waits, then closes. Everything after that throws `closed`.
    func close() async
}
