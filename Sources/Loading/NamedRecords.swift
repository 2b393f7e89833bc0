import Applying
package import OnewayCore
package import Store

/// The contacts or accounts that mirrored records name, found by walking the mirror in pages: they are never all in
/// memory.
package struct NamedRecords: Sendable {
    static let recordsPerPage = 500

    let store: any StoreQueries
    let book: RuleBook
    let entity: Entity

    package init(store: any StoreQueries, book: RuleBook, entity: Entity) {
        (self.store, self.book, self.entity) = (store, book, entity)
    }

    /// The tables whose look-ups lead there, in the order of the walk.
    var sources: [Entity] { entity == .contact ? [.opportunity, .connection] : [.opportunity, .contact] }

    /// Some that were not read since the load began, up to about so many; the walk continues after `walked`, nil: at its
    /// end.
    func next(
        after walked: RecordKey?,
        notReadSince second: Int64,
        idsMax: Int
    ) async throws(StoreError) -> (ids: [GUID], walked: RecordKey?) {
        var ids = Set<GUID>()
        var position = walked
        while ids.count < idsMax {
            guard let page = try await page(after: position) else { return (ids.sorted(), nil) }
            position = page.last
            ids.formUnion(try await unread(page.named, since: second))
        }
        return (ids.sorted(), position)
    }

    /// Those of these that the mirror does not have as they are since this second.
    private func unread(_ keys: Set<RecordKey>, since second: Int64) async throws(StoreError) -> [GUID] {
        let known = try await store.records(Array(keys))
        return keys.filter { key in
            guard let record = known[key] else { return true }
            return max(record.revivedAt ?? .min, record.isDeleted ? record.deletedAt ?? .min : .min) < second
        }.map(\.id)
    }

    private struct Page {
        var named: Set<RecordKey>
        var last: RecordKey
    }

    private func page(after position: RecordKey?) async throws(StoreError) -> Page? {
        let first = sources.firstIndex { $0 == position?.entity } ?? 0
        for source in sources[first...] {
            let after = position?.entity == source ? position?.id : nil
            let records = try await store.records(of: source, after: after, limit: Self.recordsPerPage)
            if let last = records.last { return Page(named: named(records), last: last.key) }
        }
        return nil
    }

    private func named(_ records: [MirrorRecord]) -> Set<RecordKey> {
        var named: Set<RecordKey> = []
        for record in records where !record.isDeleted {
            for reference in book.references(of: record) where reference.to.entity == entity {
                named.insert(reference.to)
            }
        }
        return named
    }

    /// About how many different ones are named.
    func count() async throws(StoreError) -> Int {
        var estimate = DistinctEstimate()
        var position: RecordKey?
        while let page = try await page(after: position) {
            for key in page.named { estimate.add(key.id) }
            position = page.last
        }
        return estimate.count
    }

    /// Those of these rows that anything names, or that are known already.
    package func wanted(_ ids: [GUID]) async throws(StoreError) -> Set<GUID> {
        let keys = ids.map { RecordKey(entity, $0) }
        var wanted = Set(try await store.records(keys).keys.map(\.id))
        for source in sources {
            let rest = keys.filter { !wanted.contains($0.id) }
            if rest.isEmpty { break }
            let named = try await store.referrers(to: rest, from: source).filter { !$0.value.isEmpty }
            guard source == .connection else {
                wanted.formUnion(named.keys.map(\.id))
                continue
            }
            // One that the contact is at the other end of, such as that of a contact and an account, does not count.
            let connections = Set(named.values.joined()).map { RecordKey(source, $0) }
            wanted.formUnion(self.named(Array(try await store.records(connections).values)).map(\.id))
        }
        return wanted.intersection(ids)
    }
}
