import Foundation
import OnewayCore
import Telemetry
import TestSupport
import Testing

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Intake
@testable import Reading
@testable import Store

/// Where notifications are taken in these tests, as the service does it.
struct ApplyingRig {
    let store: any Store
    let projector: Projector

    init(_ store: any Store, _ settings: RuleSettings = RuleSettings()) {
        self.store = store
        projector = Projector(store: store, book: RuleBook(settings))
    }

    func applier(log: Log = Log(level: .error, format: .json, sink: { _ in })) -> Applier {
        Applier(
            store: store.leader,
            policy: Policy(
                selection: Selection(projector.book.columns),
                organizations: [],
                marketoUsers: [],
                jsonDepthMax: 64
            ),
            rules: projector.add,
            rest: projector.followUp,
            now: { ProjectorTests.now },
            log: log
        )
    }

    func api(_ forwarding: Forwarding? = nil) -> AdminAPI {
        let (applier, now) = (applier(), { @Sendable in ProjectorTests.now })
        let policy = Policy(
            selection: Selection(projector.book.columns),
            organizations: [],
            marketoUsers: [],
            jsonDepthMax: 64
        )
        return AdminAPI(
            leader: LeaderView(store: store, leading: { LeadingParts(forwarding: forwarding) }, now: now),
            connections: Connections(marketo: forwarding != nil, dynamics: false, leadField: "externalPersonId"),
            links: RecordLinks(dynamics: "https://dynamics.example"),
            statements: Statements { applier.writer },
            explainer: Explainer(policy: policy, projector: projector, now: now),
            survey: MappingSurvey(projector),
            traffic: Traffic(now: now),
            importer: Importer(store: store, projector: projector, statements: Statements { applier.writer }, now: now)
        )
    }

    /// Has counted what the mapping leaves out and changes: a request waits for that only a moment.
    func countedAPI() async -> AdminAPI {
        let (api, deadline) = (api(), ContinuousClock.now + .seconds(120))
        while await !api.survey.latest().isComplete, ContinuousClock.now < deadline {}
        return api
    }

    func eraser() -> Eraser {
        Eraser(
            store: store.leader,
            projector: projector,
            applier: applier(),
            log: Log(level: .error, format: .json, sink: { _ in })
        )
    }

    func append(_ body: Body, _ outcome: Outcome = .accepted, opportunity: GUID? = nil) async throws {
        let identity = NotificationIdentity(body: body.bytes, envelope: try? Envelope.peek(body.bytes)).bytes
        let entry = InboxEntry(identity: identity, InboxLabels(outcome, opportunity: opportunity), body: body.bytes)
        _ = try await store.append(entry, now: ProjectorTests.now)
    }

    func drain() async throws { while try await applier().applyNext() {} }

    func take(_ bodies: Body...) async throws {
        for body in bodies { try await append(body) }
        try await drain()
    }

    func take(refused body: Body) async throws {
        try await append(body, .refused)
        try await drain()
    }

    func outbox() async throws -> [DeliveryKey: OutboxItem] {
        let items = try await store.outbox(OutboxFilter(), after: nil, limit: 99_999)
        return Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0) })
    }

    /// The desired state, as text.
    func wanted() async throws -> [DeliveryKey: String] {
        try await outbox().compactMapValues { $0.state.desired.map { String(decoding: $0, as: UTF8.self) } }
    }
}
