package import OnewayCore
package import Store

// What was read from Dynamics to find what no notification reported.
extension BulkMerger {
    /// What these facts contain that is not known.
    package func discoveries(in facts: [MirrorRecord]) async throws(StoreError) -> [Discovery] {
        try await discoveries(in: try await projector.merged(facts))
    }

    /// Merges facts in one transaction, and passes on at once what follows from those that are news. `saving` adds what is
    /// to be remembered of it; it may be called again.
    package func discover(
        _ facts: [MirrorRecord],
        _ lane: DeliveryLane,
        saving: ([Discovery], inout Application) -> Void
    ) async throws(StoreError) {
        try await applier.writer.write({ _, _ in }) { application throws(StoreError) in
            let changes = try await projector.merged(facts).filter { $0.before != $0.after }
            let news = changes.filter(\.isNews)
            for change in changes where !change.isNews { projector.keep(change, in: &application) }
            if !news.isEmpty { try await projector.add(news, lane, &application) }
            saving(try await discoveries(in: news), &application)
            return true
        }
    }

    private func discoveries(in changes: [ChangedRecord]) async throws(StoreError) -> [Discovery] {
        let news = changes.filter(\.isNews)
        let referred = news.reduce(into: Set<RecordKey>()) { $0.formUnion($1.before?.referred ?? []) }
        let others = try await projector.store.records(Array(referred))
        return news.compactMap { Discovery(before: $0.before, after: $0.after, others: others) }
    }
}

extension ChangedRecord {
    /// Whether anything that the rules look at is another: more than the times of values that were known.
    fileprivate var isNews: Bool {
        guard let before else { return true }
        return before.isDeleted != after.isDeleted || before.isRefused != after.isRefused || before.isTentative
            || !before.columnsBehindCut.isEmpty || before.attributes.values.contains(where: \.isUnsure)
            || before.attributes.mapValues(\.value) != after.attributes.mapValues(\.value)
    }
}
