import Coordination
import DataverseClient
import Loading
import OnewayCore
import Store

extension Reconciler {
    /// Around a change, in which its notification and others would have come.
    private static let aroundSeconds = 300

    /// Why these were not told, as far as the kept ones go. Without an answer of Dynamics, as far as we know ourselves.
    func causes(
        of discoveries: [Discovery],
        since: Timestamp,
        _ job: inout ReconcileJob
    ) async throws(StoreError) -> [RecordKey: Discovery.Cause] {
        let some = discoveries.prefix(Discoveries.entriesMax)
        if some.isEmpty { return [:] }
        var undelivered: Set<GUID> = []
        let earliest = some.compactMap(\.modifiedAt).min().map { min($0, since) } ?? since
        if case .success(let found) = await reader.client.undelivered(some.map(\.key.id), since: earliest) {
            undelivered = found.ids
            job.count("requests", found.requests)
            metrics.note(requests: found.requests)
        }
        let presence = try await Presence.read(in: store)
        var causes: [RecordKey: Discovery.Cause] = [:]
        for discovery in some {
            let (from, to) = (
                discovery.modifiedAt ?? since,
                discovery.modifiedAt?.adding(seconds: Self.aroundSeconds) ?? time.now()
            )
            causes[discovery.key] =
                if presence.wasAway(from: from, to: to) {
                    .outage
                } else if undelivered.contains(discovery.key.id) {
                    .failedJob
                } else {
                    try await cameSome(from.adding(seconds: -Self.aroundSeconds), to) ? .bypassed : .silence
                }
        }
        return causes
    }

    private func cameSome(_ from: Timestamp, _ to: Timestamp) async throws(StoreError) -> Bool {
        try await !store.inbox(InboxFilter(from: from, to: to), before: nil, limit: 1).isEmpty
    }
}
