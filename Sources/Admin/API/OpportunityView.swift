import Applying
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// "Where is X, and why does Marketo show this?"
extension AdminAPI {
    private static let notificationsMax = 50

    func opportunity(_ text: String) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        let story = try await Story(of: id, in: store, notificationsMax: Self.notificationsMax)
        guard let story else { throw Problem(.notFound, "Nothing is known of this opportunity.") }
        let own = story.own
        let values = (story.record?.attributes ?? [:]).sorted { $0.key < $1.key }
        return Response(
            status: 200,
            json: [
                "opportunity": .string("\(id)"), "state": .optional(story.state(explainer.projector.book)),
                "blocked": await health.look().blocker?.json() ?? .null,
                "values": .object(values.map { JSON.Member($0.key, $0.value.json) }),
                "items": .array(story.items.map(\.json)), "notifications": .array(story.notifications.map(\.json)),
                "reads": .array(try await reads(of: id).map(\.json)),
                "reasons": .array((own?.state.reasons ?? []).map(\.json)),
            ]
        )
    }
}
