extension SQLiteStore: Store {
    public func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry] {
        try await read { db throws(StoreError) in try db.unapplied(limit: limit, bytesMax: bytesMax) }
    }

    public func inbox(
        _ filter: InboxFilter,
        before: InboxID?,
        limit: Int
    ) async throws(StoreError) -> [InboxItem] {
        try await read { db throws(StoreError) in try db.inbox(filter, before: before, limit: limit) }
    }

    public func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem? {
        try await read { db throws(StoreError) in try db.inboxItem(id) }
    }

    public func body(of id: InboxID) async throws(StoreError) -> [UInt8]? {
        try await read { db throws(StoreError) in try db.body(of: id) }
    }
}
