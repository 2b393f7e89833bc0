import Applying
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// "Where is X, and why does Marketo show this?"
extension AdminAPI {
    func opportunity(_ text: String) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        let story = try await Story(of: id, in: store, notificationsMax: Timeline.notificationsMax)
        guard let story else { throw Problem(.notFound, "Nothing is known of this opportunity.") }
        let own = story.own
        let names = try await RecordNames(story.items, in: store)
        let reads = try await reads(of: id)
        let timeline = try await timeline(of: story, reads)
        let values = (story.record?.attributes ?? [:]).sorted { $0.key < $1.key }
        return Response(
            status: 200,
            json: [
                "opportunity": .string("\(id)"), "state": .optional(story.state(explainer.projector.book)),
                "blocked": await health.look().blocker?.json() ?? .null,
                "values": .object(values.map { JSON.Member($0.key, $0.value.json) }),
                "items": .array(story.items.map { $0.json(names, asked: reads) }),
                "notifications": .array(story.notifications.map(\.json)),
                "reads": .array(reads.map(\.json)),
                "timeline": .array(timeline.entries.map(\.json)),
                "reasons": .array((own?.state.reasons ?? []).map(\.json)),
            ]
        )
    }

    func timeline(of story: Story, _ reads: [Question]) async throws(StoreError) -> Timeline {
        let events = try await store.events(of: story.subjects, limit: Timeline.eventsMax)
        return Timeline(
            received: try await timelineReader.said(in: story.notifications, reads: reads),
            reads: reads,
            events: events
        )
    }

    private var timelineReader: TimelineReader {
        TimelineReader(store: store, reader: InboxReader(policy: explainer.policy))
    }

    /// One notification, with what it contained and what became of that.
    func inboxItem(_ text: String) async throws -> Response {
        guard let id = InboxID(text) else { throw Problem(.badRequest, "This is not a notification's id.") }
        guard let item = try await store.inboxItem(id) else {
            throw Problem(.notFound, "No notification with this id is kept.")
        }
        // Its values are compared with those of the opportunity's other notifications.
        var others = [item]
        if let opportunity = item.opportunity {
            let filter = InboxFilter(opportunity: opportunity)
            others = try await store.inbox(filter, before: nil, limit: Timeline.notificationsMax)
            if !others.contains(where: { $0.id == id }) { others.append(item) }
        }
        let said = try await timelineReader.said(in: others).first { $0.item.id == id }?.said ?? []
        guard case .object(let members) = item.json else { return Response(status: 200, json: item.json) }
        return Response(
            status: 200,
            json: .object(
                members + [
                    JSON.Member("bytes", .int(item.bodyBytes)), JSON.Member("values", said.json),
                ]
            )
        )
    }
}
