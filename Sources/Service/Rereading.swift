import OnewayCore
import Store

/// R3: a newly selected column is filled from the notifications that the inbox has kept. They are read again, the newest
/// first, so that what comes meanwhile is never among them, and merged, which changes nothing that was known.
extension Projector {
    static let bodiesMax = 32
    static let bodyBytesMax = 1 << 20

    /// One step; answers where to go on, nil at the end.
    func readAgain(before cursor: GUID?, to application: inout Application) async throws(StoreError) -> GUID? {
        let before = cursor.map { InboxID(number: Int64($0.low)) }
        let items = try await store.inbox(InboxFilter(), before: before, limit: Self.bodiesMax)
        var (facts, bytes) = ([MirrorRecord](), 0)
        var last: InboxID?
        for item in items where bytes < Self.bodyBytesMax {
            last = item.id
            guard item.outcome == .accepted || item.outcome == .refused, let body = try await body(of: item.id) else {
                continue
            }
            bytes += body.count
            let notification = try? Notification.decode(body, selection: selection, depthMax: jsonDepthMax)
            facts += notification?.facts(receivedAt: item.receivedAt) ?? []
        }
        try await add(try await changed(by: facts), .slow, to: &application)
        return last.map { GUID(high: 0, low: UInt64($0.number)) }
    }

    /// One that cannot be read any more is passed over: it was applied when it came.
    private func body(of id: InboxID) async throws(StoreError) -> [UInt8]? {
        do throws(StoreError) { return try await store.body(of: id) } catch {
            guard error.kind == .corrupt else { throw error }
            return nil
        }
    }
}
