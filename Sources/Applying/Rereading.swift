import OnewayCore
import Store

/// R3: a newly selected column is filled from the notifications that the inbox has kept. They are read again, newest
/// first, and merged, which changes nothing that was known. Unapplied ones are read for that column anyway.
extension Projector {
    static let bodiesMax = 32
    static let rowsMax = 1_000
    static let bodyBytesMax = 1 << 20

    /// One step; answers where to go on, nil at the end.
    func readAgain(before: InboxID?, to application: inout Application) async throws(StoreError) -> InboxID? {
        let kept = try await store.applied(
            before: before,
            limit: Self.bodiesMax,
            rowsMax: Self.rowsMax,
            bytesMax: Self.bodyBytesMax
        )
        // A body that cannot be read any more is skipped: it was applied when it arrived.
        let facts = kept.entries.flatMap { row in
            let notification = try? DynamicsNotification.decode(row.body, selection: selection, depthMax: jsonDepthMax)
            return notification?.facts(receivedAt: row.receivedAt) ?? []
        }
        let changes = try await merged(facts).filter { $0.before != $0.after }
        try await add(changes, .slow, &application)
        return kept.last
    }
}
