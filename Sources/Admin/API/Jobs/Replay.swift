import Applying
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// `POST /api/inbox/replay`: reads kept notifications again with today's decoder and rules.
extension AdminAPI {
    /// The most that are replayed at once; more are processed in the background.
    static let replayedMax = 1000

    func replay(_ body: AdminBody) async throws -> Response {
        let isDry = try body.flag("dryRun") ?? false
        let chosen = try await chosen(body)
        if chosen.asked > Self.replayedMax { return try await replayInBackground(chosen, isDry: isDry) }
        let replayable = chosen.found.filter { $0.outcome.isReplayable }.map(\.id)
        let preview = try await preview(of: replayable)
        var marked = replayable
        if !isDry { marked = try await mark(replayable) }
        return Response(
            status: 200,
            json: [
                "replayed": .int(marked.count), "skipped": .int(chosen.asked - marked.count),
                "changes": .array(preview.changes.map(\.json)), "reasons": .array(preview.reasons.map(\.json)),
            ]
        )
    }

    /// Returns the number of notifications that are read again.
    func replay(_ ids: [InboxID]) async throws(StoreError) -> Int { try await mark(ids).count }

    /// Replays all quarantined notifications; nil: too many to do at once, so the work continues in the background.
    func replayQuarantined() async throws -> Int? {
        let filter = InboxFilter(outcome: .quarantined)
        let found = try await store.inbox(filter, before: nil, limit: Self.replayedMax + 1)
        if found.count <= Self.replayedMax { return try await mark(found.map(\.id)).count }
        _ = try await begin(.range(filter))
        return nil
    }

    private func mark(_ ids: [InboxID]) async throws(StoreError) -> [InboxID] {
        try await store.replay(ids, now: now())
    }

    private func begin(_ work: ReplayWork) async throws -> ReplayJob {
        guard let job = try await ReplayJob.begin(work, in: store, now: now()) else {
            throw Problem(.badRequest, "One replay at a time, and one is running: GET /api/inbox/replay shows it.")
        }
        return job
    }

    /// The state of the latest replay in the background.
    func replayJob() async throws -> Response {
        guard let job = try await ReplayJob.latest(in: store) else {
            throw Problem(.notFound, "No replay has run in the background.")
        }
        return Response(status: 200, json: job.json)
    }

    private func replayInBackground(_ chosen: Chosen, isDry: Bool) async throws -> Response {
        if isDry {
            let says =
                "A dry run shows what up to \(Self.replayedMax) notifications would change: choose a shorter range."
            throw Problem(.badRequest, says)
        }
        return Response(status: 202, json: try await begin(chosen.work).json)
    }

    /// Their combined effect by today's decoder and rules, against what Marketo confirmed.
    private func preview(of ids: [InboxID]) async throws -> (changes: [Change], reasons: [Reason]) {
        let reader = InboxReader(policy: explainer.policy)
        var facts: [MirrorRecord] = []
        for id in ids {
            guard let item = try await store.inboxItem(id), let body = try await store.body(of: id) else { continue }
            let row = UnappliedEntry(id: id, receivedAt: item.receivedAt, outcome: item.outcome, body: body)
            facts += reader.read(row).facts
        }
        return try await explainer.projector.preview(facts)
    }

    private struct Chosen {
        let work: ReplayWork
        /// Up to `replayedMax` of them; more are not loaded here.
        var found: [InboxItem] = []
        let asked: Int
    }

    private func chosen(_ body: AdminBody) async throws -> Chosen {
        let filter = InboxFilter(
            outcome: try body.choice("outcome"),
            from: try body.time("from"),
            to: try body.time("to")
        )
        if let names = body["notifications"], filter == InboxFilter() { return try await chosen(names) }
        guard filter != InboxFilter(), body["notifications"] == nil else {
            throw Problem(.badRequest, #"Choose some: {"notifications": [...]}, or "from", "to", "outcome"."#)
        }
        let found = try await store.inbox(filter, before: nil, limit: Self.replayedMax + 1)
        return Chosen(work: .range(filter), found: found, asked: found.count)
    }

    private func chosen(_ names: JSONValue) async throws -> Chosen {
        let ids = names.elements.compactMap { $0.string.flatMap(InboxID.init) }
        guard names.isArray, ids.count == names.elements.count else {
            throw Problem(.badRequest, "notifications must be a list of ids as shown in the inbox.")
        }
        // An id that is given twice is read again once, and does not count as skipped.
        let distinct = Set(ids).sorted()
        var chosen = Chosen(work: .notifications(distinct.reversed()), asked: distinct.count)
        if distinct.count > Self.replayedMax { return chosen }
        for id in distinct {
            if let item = try await store.inboxItem(id) { chosen.found.append(item) }
        }
        return chosen
    }
}

extension Outcome {
    /// No body is kept of ignored notifications.
    fileprivate var isReplayable: Bool { self != .ignored }
}
