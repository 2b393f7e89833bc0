import Applying
import HTTPServer
import Intake
import OnewayCore
import Store

/// R3: the changes of the running mapping against what Marketo confirmed. The outbox has both sides, so no page has to
/// apply the rules again.
extension AdminAPI {
    private static let unsettled = DeliveryState.Stage.allCases.filter { $0 != .settled }

    func mappingChanges(_ query: AdminQuery) async throws -> Response {
        let after = try query.after("the key of a change, with its kind", DeliveryKey.init(description:))
        var items: [OutboxItem] = []
        for stage in Self.unsettled {
            items += try await store.outbox(OutboxFilter(stage: stage), after: after, limit: query.limit + 1)
        }
        items.sort { $0.key < $1.key }
        let page = items.prefix(query.limit)
        let status = try await store.status()
        let isSweeping = try await !store.jobs(.sweep, .running, limit: 1).isEmpty
        let unknown = await unknowns.latest()
        let cursor = items.count > query.limit ? page.last.map { "\($0.key)" } : nil
        return Response(
            status: 200,
            json: [
                "changes": .array(page.map { Change($0).json }),
                "total": .int(Self.unsettled.reduce(0) { $0 + status.outbox($1) }),
                "unknown": .int(unknown.count), "next": .optional(cursor),
                "complete": .bool(!isSweeping && status.stale == 0 && status.unapplied == 0 && unknown.isComplete),
            ]
        )
    }
}

extension Change {
    fileprivate init(_ item: OutboxItem) {
        self.init(key: item.key, before: item.state.confirmed, after: item.state.desired, reasons: item.state.reasons)
    }
}
