import HTTPServer
import OnewayCore
import Store

/// "Where is X, and why does Marketo show this?"
extension AdminAPI {
    private static let notificationsMax = 50

    func opportunity(_ text: String) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        let key = RecordKey(.opportunity, id)
        let record = try await store.records([key])[key]
        let items = try await store.outbox(of: [id])[id] ?? []
        let filter = InboxFilter(opportunity: id)
        let notifications = try await store.inbox(filter, before: nil, limit: Self.notificationsMax)
        guard record != nil || !items.isEmpty || !notifications.isEmpty else {
            throw Problem(.notFound, "Nothing is known of this opportunity.")
        }
        let own = items.first { $0.key.kind == .opportunity }
        let values = (record?.attributes ?? [:]).sorted { $0.key < $1.key }
        return Response(
            status: 200,
            json: [
                "opportunity": .string("\(id)"), "state": .optional(own?.state.stage.rawValue),
                "values": .object(values.map { JSON.Member($0.key, $0.value.json) }),
                "items": .array(items.map(\.json)), "notifications": .array(notifications.map(\.json)),
                "reasons": .array((own?.state.reasons ?? []).map(\.json)),
            ]
        )
    }
}
