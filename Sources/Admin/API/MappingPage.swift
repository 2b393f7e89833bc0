import Applying
import HTTPServer
import Intake
import OnewayCore
import Store

/// R3: what the running mapping changes in what is wanted now. Once the rules have reached all of the outbox, nothing.
extension AdminAPI {
    /// As many opportunities as one request may apply the rules to.
    private static let opportunitiesMax = 64

    /// A page is so many opportunities, and may have fewer changes, or more.
    func mappingChanges(_ query: AdminQuery) async throws -> Response {
        let after = try query.after("an opportunity's id", { GUID($0) })
        let status = try await store.status()
        let isProjected = try await survey.isProjected()
        let (counts, isCounted) = await survey.latest()
        var (changes, next) = ([Change](), GUID?.none)
        if !isProjected {
            let limit = min(query.limit, Self.opportunitiesMax)
            let records = try await store.records(of: .opportunity, after: after, limit: limit)
            changes = try await explainer.projector.changes(of: records.map(\.key.id), against: .wanted)
            if records.count == limit { next = records.last?.key.id }
        }
        let summary = isProjected ? ChangeSummary() : counts.changes
        return Response(
            status: 200,
            json: [
                "changes": .array(changes.map(\.json)), "total": .int(summary.total),
                "unknown": .int(counts.unknown), "groups": .array(summary.groups.map(\.json)),
                "next": .optional(next.map { "\($0)" }),
                "complete": .bool(isProjected && status.unapplied == 0 && isCounted),
            ]
        )
    }
}
