import Forwarding
import HTTPServer
package import Intake
import OnewayCore
import Reading
import Store

/// The admin listener's pages for people.
package struct Pages: Sendable {
    let api: AdminAPI
    let readiness: Readiness

    package init(api: AdminAPI, readiness: Readiness) {
        self.api = api
        self.readiness = readiness
    }

    var store: any Store { api.store }

    func answer(_ route: PageRoute, _ request: Request) async throws(Problem) -> Response {
        do {
            let query = try AdminQuery(request.head)
            switch route {
            case .home: return await home(query)
            case .search: return try await search(request.head)
            case .opportunities: return try await opportunities(request.head)
            case .parked: return try await parked(query)
            case .waiting: return try await waiting(query)
            case .quarantine: return try await quarantine(query)
            case .refusals: return try await refusals(query)
            case .verify: return try await verify(query)
            case .reconcile: return try await reconcile(query)
            case .story(let id): return try await story(id, query)
            case .asset(let asset): return Response(asset)
            case .action(let action): return try await act(action, Form(request, of: action.fields))
            }
        } catch let problem as Problem {
            throw problem
        } catch let error as StoreError {
            throw Problem(.storeUnavailable, error.description)
        } catch {
            throw Problem(.storeUnavailable, "The store did not answer.")
        }
    }

    func frame(_ title: String, _ place: String?, _ query: AdminQuery) async throws(StoreError) -> Frame {
        frame(title, place, query, try await store.status())
    }

    func frame(_ title: String, _ place: String?, _ query: AdminQuery, _ status: StoreStatus?) -> Frame {
        var frame = Frame(title: title, now: api.now(), place: place)
        frame.notice = Done(query)?.says
        frame.counts =
            status.map { status in
                [
                    "/opportunities": status.opportunities.values.reduce(0, +), "/parked": status.outbox(.parked),
                    "/waiting": status.outbox(.waiting), "/quarantine": status.inbox[.quarantined] ?? 0,
                    "/refusals": status.refusals,
                ]
            } ?? [:]
        return frame
    }

    /// Where people see a record with their own browser.
    func inDynamics(_ key: RecordKey) -> HTML {
        guard let address = api.links.dynamics(key) else { return .nothing }
        let about = HTML.tag("span", ["class": "hidden"], " \(key.entity.rawValue) \(key.id)")
        return [" ", .tag("a", ["class": "away", "href": address, "rel": "noreferrer"], "in Dynamics", about)]
    }

    /// The names of these opportunities, as far as they are known.
    func names(_ ids: [GUID]) async throws(StoreError) -> [GUID: String] {
        let records = try await store.records(Set(ids).map { RecordKey(.opportunity, $0) })
        var names: [GUID: String] = [:]
        for (key, record) in records {
            if case .text(let name) = record["name"], !name.isEmpty { names[key.id] = name }
        }
        return names
    }
}

/// The result of an action, as the next page shows it.
struct Done {
    let says: String

    init?(_ query: AdminQuery) {
        let count = query.text("n").flatMap { Int($0) } ?? 0
        switch query.text("did") {
        case PageAction.retry.rawValue: says = "\(Wording.count(count, "record is", "records are")) tried again."
        case PageAction.replay.rawValue:
            let who =
                query.text("n") == nil
                ? "All of them are" : Wording.count(count, "notification is", "notifications are")
            says = "\(who) read again. Any that still cannot be used stay in quarantine."
        case PageAction.pause.rawValue: says = "Forwarding is paused. Notifications are still accepted."
        case PageAction.resume.rawValue: says = "Forwarding has resumed."
        case PageAction.allow.rawValue: says = "The opportunity is allowed, and goes to Marketo like any other."
        default: return nil
        }
    }
}

// MARK: Actions

extension Pages {
    fileprivate func act(_ action: PageAction, _ form: Form) async throws -> Response {
        let back = form["back"].flatMap { PageRoute(path: $0)?.isForReading == true ? $0 : nil } ?? "/"
        var count: Int?
        switch action {
        case .retry: count = try await api.retry(scope(form))
        case .replay: count = try await readAgain(form)
        case .pause: _ = try await api.pause(true)
        case .resume: _ = try await api.pause(false)
        case .allow:
            guard let opportunity = form["opportunity"].flatMap({ GUID($0) }) else {
                throw Problem(.badRequest, "The opportunity's id is not a GUID.")
            }
            try await api.allow(opportunity)
        }
        return Response(goTo: address(back, ["did": action.rawValue, "n": count.map(String.init)]))
    }

    /// Nil: all of them, too many to read at once, so the work continues in the background.
    private func readAgain(_ form: Form) async throws -> Int? {
        switch (form["all"], form["notification"]) {
        case ("yes", nil): return try await api.replayQuarantined()
        case (nil, let name?):
            guard let id = InboxID(name) else {
                throw Problem(.badRequest, "notification must be an id as shown in the inbox.")
            }
            guard try await api.replay([id]) == 1 else {
                throw Problem(.notFound, "It is no longer kept, or its body is not.")
            }
            return 1
        default: throw Problem(.badRequest, "The form does not say what to read again: all, or notification.")
        }
    }

    private func scope(_ form: Form) throws(Problem) -> RetryScope {
        let isAll = form["all"].map { $0 == "yes" }
        let reason = form["for"].flatMap(WaitReason.init)
        return try RetryScope(
            all: isAll,
            kind: form["kind"],
            key: form["key"],
            code: form["code"],
            waitingFor: reason
        )
    }
}
