import Alerting
package import Applying
import Completing
import Forwarding
import HTTPServer
package import Intake
import OnewayCore
import Reading
import Store

/// The admin listener's JSON API.
package struct AdminAPI: Sendable {
    package let leader: LeaderView
    let connections: Connections
    let links: RecordLinks
    let statements: Statements
    let explainer: Explainer
    let survey: MappingSurvey
    let traffic: Traffic
    let importer: Importer
    let health: HealthWatch

    package init(
        leader: LeaderView,
        connections: Connections,
        links: RecordLinks,
        statements: Statements,
        explainer: Explainer,
        survey: MappingSurvey,
        traffic: Traffic,
        importer: Importer,
        health: HealthWatch? = nil
    ) {
        self.leader = leader
        self.connections = connections
        self.links = links
        self.statements = statements
        self.explainer = explainer
        self.survey = survey
        self.traffic = traffic
        self.importer = importer
        self.health = health ?? HealthWatch(HealthWatch.Subjects(leader))
    }

    var store: any Store { leader.store }
    var leading: @Sendable () -> LeadingParts? { leader.leading }
    var now: @Sendable () -> Timestamp { leader.now }

    func answer(_ route: AdminRoute, _ request: Request) async throws(Problem) -> Response {
        if let answer = try await askLeader(route, request) { return answer }
        return try await perform(route, request)
    }

    /// As this replica can.
    func perform(_ route: AdminRoute, _ request: Request) async throws(Problem) -> Response {
        do {
            try AdminQuery.check(request.head, takes: route.parameters)
            switch route {
            case .status: return try await status()
            case .find: return try await find(AdminQuery(request.head))
            case .opportunities: return try await opportunities(AdminQuery(request.head))
            case .missingPeople: return try await missingPeople(AdminQuery(request.head))
            case .inbox: return try await inbox(AdminQuery(request.head))
            case .replay where request.head.method != "POST": return try await replayJob()
            case .replay:
                return try await replay(AdminBody(request, of: ["notifications", "from", "to", "outcome", "dryRun"]))
            case .outbox: return try await outbox(AdminQuery(request.head))
            case .retry: return try await retry(AdminBody(request, of: ["all", "kind", "key", "code", "waitingFor"]))
            case .replicas: return try await replicas()
            case .refusals: return try await refusals(AdminQuery(request.head))
            case .explain: return Response(status: 200, json: try await explainer.explain(request.body).json)
            case .opportunity(let id): return try await opportunity(id)
            case .inboxItem(let id): return try await inboxItem(id)
            case .mappingChanges: return try await mappingChanges(AdminQuery(request.head))
            case .allow(let opportunity): return try await allow(opportunity)
            case .importing: return Response(status: 200, json: try await imported(request))
            case .load where request.head.method == "DELETE": return try await cancelLoad()
            case .load where request.head.method != "POST": return try await loading()
            case .load: return try await load(AdminBody(request, of: ["dryRun", "since", "only", "paused"]))
            case .reconcile: return try await reconcile(request)
            case .refresh(let opportunity): return try await refresh(opportunity)
            case .verify, .verifyFindings, .verifyOne, .adopt, .adoptFindings:
                return try await comparing(route, request)
            case .refreshRecords: return try await refresh(AdminBody(request, of: ["records"]))
            case .pause: return try await setPaused(true)
            case .resume: return try await setPaused(false)
            case .erase where request.head.method != "POST": return try await erasing(AdminQuery(request.head))
            case .erase: return try await erase(AdminBody(request, of: ["contact"]))
            case .healthz, .readyz, .metrics, .page: throw Problem(.notFound, "There is no such path here.")
            }
        } catch let problem as Problem {
            throw problem
        } catch let error as StoreError {
            throw Problem(.storeUnavailable, error.description)
        } catch {
            throw Problem(.storeUnavailable, "The store did not answer.")
        }
    }

    private func status() async throws -> Response {
        let status = try await store.status()
        let warnings = try await warnings()
        let now = now()
        let replicas = try await store.replicas()
        let says = try await leader.says(replicas)
        return Response(
            status: 200,
            json: [
                "health": try await health.json(), "alerts": says.alerts,
                "inbox": [
                    "unapplied": .int(status.unapplied), "quarantined": .int(status.inbox[.quarantined] ?? 0),
                    "bytes": .int(status.inboxBytes),
                ],
                "outbox": [
                    "settled": .int(status.outbox(.settled)), "pending": .int(status.outbox(.pending)),
                    "waiting": .int(status.outbox(.waiting)), "parked": .int(status.outbox(.parked)),
                ],
                "opportunities": .object(
                    OpportunityState.allCases.map { JSON.Member($0.rawValue, .int(status.opportunities[$0] ?? 0)) }
                ),
                "lag": [
                    "apply": .seconds(since: status.unappliedSince, now),
                    "forward": .seconds(since: status.pendingSince, now),
                ],
                "marketo": says.marketo, "budget": says.budget, "dynamics": says.dynamics,
                "coverage": try await coverage(status), "reconciliation": try await reconciliation(),
                "replicas": .int(max(1, replicas.list.count(where: \.isAlive))),
                "warnings": .array(warnings.map(JSON.string)),
            ]
        )
    }

    private func inbox(_ query: AdminQuery) async throws -> Response {
        let filter = InboxFilter(
            outcome: try query.choice("outcome"),
            from: try query.time("from"),
            to: try query.time("to"),
            opportunity: try query.guid("opportunity")
        )
        let after = try query.after("a notification's id", InboxID.init)
        let items = try await store.inbox(filter, before: after, limit: query.limit + 1)
        return .list(items, query.limit, cursor: { "\($0.id)" }, \.json)
    }

    private func outbox(_ query: AdminQuery) async throws -> Response {
        let filter = OutboxFilter(
            stage: try query.choice("state"),
            kind: try query.choice("kind"),
            code: try query.code(),
            waitingFor: try query.choice("waitingFor")
        )
        let after = try query.after("the key of an item, with its kind", DeliveryKey.init(description:))
        let items = try await store.outbox(filter, after: after, limit: query.limit + 1)
        let names = try await RecordNames(items, in: store)
        return .list(items, query.limit, cursor: { "\($0.key)" }) { $0.json(names, connections.leadField) }
    }

    private func retry(_ body: AdminBody) async throws -> Response {
        let scope = try RetryScope(
            all: body.flag("all"),
            kind: body.text("kind"),
            key: body.text("key"),
            code: body.text("code"),
            waitingFor: body.choice("waitingFor")
        )
        return Response(status: 200, json: ["retried": .int(try await retry(scope))])
    }

    /// Returns the number of records that are tried again.
    func retry(_ scope: RetryScope) async throws(StoreError) -> Int {
        let retried = try await store.retry(scope, now: now())
        try await leading()?.forwarding?.forwarder.obeyOrders()
        return retried
    }

    /// 202 if it continues in the background.
    private func erase(_ body: AdminBody) async throws -> Response {
        guard let contact = try body.guid("contact") else {
            throw Problem(.badRequest, #"Name the contact: {"contact": "<the contact's id>"}."#)
        }
        let erasing = try await Erasing.begin(contact, in: store)
        return Response(status: erasing.isDone ? 200 : 202, json: erasing.json)
    }

    private func erasing(_ query: AdminQuery) async throws -> Response {
        guard let contact = try query.guid("contact") else {
            throw Problem(.badRequest, "Name the contact: ?contact=<the contact's id>.")
        }
        guard let erasing = try await Erasing.progress(of: contact, in: store) else {
            throw Problem(.notFound, "No erasure of this contact is known.")
        }
        return Response(status: 200, json: erasing.json)
    }

    private func imported(_ request: Request) async throws -> JSON {
        try await importer.take(request.body, firstLine: AdminQuery(request.head).line("firstLine"))
    }

    private func replicas() async throws -> Response {
        Response(status: 200, json: try await store.replicas().json)
    }

    private func refusals(_ query: AdminQuery) async throws -> Response {
        let after = try query.after("a refusal's number", RefusalItem.number)
        let items = try await store.refusals(before: after, limit: query.limit + 1)
        return .list(items, query.limit, cursor: { "\($0.number)" }, \.json)
    }

    private func allow(_ text: String) async throws -> Response {
        guard let opportunity = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        try await allow(opportunity)
        return Response(status: 200, json: ["opportunity": .string("\(opportunity)"), "allowed": true])
    }

    func allow(_ opportunity: GUID) async throws {
        let key = RecordKey(.opportunity, opportunity)
        guard try await isRemembered(key) else {
            throw Problem(.notFound, Self.nothingToAllow)
        }
        var allowed = MirrorRecord(key)
        allowed.markAllowed(atSecond: now().second)
        // In this order, the list shows as allowed only what is allowed. If the second write is lost, allowing again is
        // harmless.
        try await statements.apply(allowed)
        _ = try await store.allow(opportunity)
    }

    /// Whether its refusal, applied or still to be applied, concerns an opportunity that exists. One that a synchronous
    /// step refused was never created, so there is nothing to send to Marketo.
    private func isRemembered(_ key: RecordKey) async throws(StoreError) -> Bool {
        if try await store.records([key])[key]?.refusal != nil { return true }
        let filter = InboxFilter(outcome: .refused, opportunity: key.id)
        return try await !store.inbox(filter, before: nil, limit: 1).isEmpty
    }

    /// Of these refused opportunities, those that exist and those that can be allowed. Of the notifications still to be
    /// applied only the newest are read, so that a page costs the same however many wait.
    func refused(_ opportunities: [GUID]) async throws(StoreError) -> (known: Set<GUID>, allowable: Set<GUID>) {
        let records = try await store.records(Set(opportunities).map { RecordKey(.opportunity, $0) })
        let newest = try await store.inbox(InboxFilter(outcome: .refused), before: nil, limit: AdminQuery.limitMax)
        let told = Set(newest.compactMap(\.opportunity)).intersection(opportunities)
        let refused = records.filter { $0.value.refusal != nil }.keys.map(\.id)
        return (told.union(records.keys.map(\.id)), told.union(refused))
    }

    private static let nothingToAllow = """
        There is nothing to allow for this opportunity: it was not refused, or its creation was cancelled in \
        Dynamics, so it never existed. A person can create it there.
        """
}

extension JSON {
    fileprivate static func seconds(since time: Timestamp?, _ now: Timestamp) -> JSON {
        .int(time.map { max(0, (now.milliseconds - $0.milliseconds) / 1000) } ?? 0)
    }
}

extension Response {
    /// One page; `items` has one more than the page if there is another.
    fileprivate static func list<Item>(
        _ items: [Item],
        _ limit: Int,
        cursor: (Item) -> String,
        _ json: (Item) -> JSON
    ) -> Response {
        let page = items.prefix(limit)
        let next = items.count > limit ? page.last.map(cursor) : nil
        return Response(status: 200, json: ["items": .array(page.map(json)), "next": .optional(next)])
    }
}
