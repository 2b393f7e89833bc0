import HTTPServer
package import OnewayCore
package import Reading
package import Store
package import Telemetry

/// Receives what Dynamics sends: reads it, classifies it, and responds once it is on disk.
package struct Receiver: Sendable {
    let policy: Policy
    let store: any StoreIntake
    let refusals: RefusalBook
    let now: @Sendable () -> Timestamp
    let metrics: IntakeMetrics
    let traffic: Traffic
    let log: Log

    package init(
        policy: Policy,
        store: any StoreIntake,
        refusals: RefusalBook,
        now: @escaping @Sendable () -> Timestamp,
        metrics: IntakeMetrics,
        traffic: Traffic = Traffic(),
        log: Log
    ) {
        self.policy = policy
        self.store = store
        self.refusals = refusals
        self.now = now
        self.metrics = metrics
        self.traffic = traffic
        self.log = log
    }

    func receive(_ request: Request) async -> Response {
        guard request.head.saysJSON else {
            return Problem(
                .notJSON,
                "Send JSON with a matching Content-Type; with curl: -H 'Content-Type: application/json'"
            ).response
        }
        let reading = policy.read(request.body, host: request.head.headers["x-ms-dynamics-organization"])
        switch reading {
        case .checked(let reasons):
            metrics.notifications[.checked].increment()
            return AcceptedResponse(.checked, reasons: reasons).response
        case .refused(let refused): return await refuse(refused, request)
        case .ignored(let entry): return await ignore(entry, request)
        case .accepted(let entry, let isSynchronous):
            if isSynchronous { traffic.noteSynchronousStep() }
            return await accept(entry, request)
        case .quarantined(let entry, let problem, let isSynchronous):
            return await quarantine(entry, problem, isSynchronous: isSynchronous, request)
        }
    }

    /// Checks R2 only, for a synchronous step: no other problem may cancel a user's save.
    func guardCreation(_ request: Request) async -> Response {
        let host = request.head.headers["x-ms-dynamics-organization"]
        guard let refused = policy.refusedCreation(request.body, host: host) else {
            return AcceptedResponse(.checked).response
        }
        return await refuse(refused, request)
    }

    func refuseMarketoCall(_ head: RequestHead) {
        metrics.refusals[.marketoWebhook].increment()
        refusals.note(.marketoWebhook, who: head.peer)
        log.info("refused a call from Marketo", [.request: .text(head.id), .rule: "R2", .address: .text(head.peer)])
    }
}

extension Receiver {
    private func accept(_ entry: InboxEntry, _ request: Request) async -> Response {
        do {
            let appended = try await store.append(entry, now: now())
            switch appended {
            case .stored(let id):
                traffic.count(.accepted)
                return taken(.accepted, id, entry, request)
            case .duplicate(let id, _):
                return taken(.duplicate, id, entry, request)
            }
        } catch {
            return unavailable(error, request)
        }
    }

    private func ignore(_ entry: InboxEntry, _ request: Request) async -> Response {
        // Nothing depends on this short record, so a failure to store it is ignored.
        let appended = try? await store.append(entry, now: now())
        return taken(.ignored, appended?.id, entry, request)
    }

    private func quarantine(
        _ entry: InboxEntry,
        _ problem: Problem,
        isSynchronous: Bool,
        _ request: Request
    ) async -> Response {
        do {
            let id = try await store.append(entry, now: now()).id
            metrics.notifications[.quarantined].increment()
            log.warning("quarantined", fields(id, entry, request))
            if isSynchronous {
                return AcceptedResponse(.quarantined, notification: "\(id)", reasons: entry.reasons).response
            }
            return problem.with { $0.notification = "\(id)" }.response
        } catch {
            // The refusal is final and is reported; only the copy for a later, fixed decoder is missing.
            let mayWorkElsewhere = error.mends || error.kind == .misconfigured || error.kind == .newerSchema
            if !isSynchronous, !mayWorkElsewhere { return problem.response }
            return unavailable(error, request)
        }
    }

    /// Final even if it cannot be recorded: the decision needs only the envelope.
    private func refuse(_ refused: Refused, _ request: Request) async -> Response {
        metrics.notifications[.refused].increment()
        metrics.refusals[.marketoUser].increment()
        var id: InboxID?
        if let entry = refused.fact {
            id = try? await store.append(entry, now: now()).id
        }
        await refusals.write(.marketoUser, who: "\(refused.user)", opportunity: refused.opportunity)
        log.warning(
            "refused a creation by Marketo's user",
            [
                .request: .text(request.head.id), .rule: "R2",
                .opportunity: .text(refused.opportunity.map { "\($0)" } ?? ""),
            ]
        )
        return Problem(
            .oneWay,
            "Opportunities are created by people in Dynamics, never by Marketo's user. It does not reach Marketo."
        ).with {
            $0.rule = "R2"
            $0.notification = id.map { "\($0)" }
        }.response
    }

    private func taken(_ outcome: AcceptedResponse.Outcome, _ id: InboxID?, _ entry: InboxEntry, _ request: Request)
        -> Response
    {
        metrics.notifications[NotificationOutcome(outcome)].increment()
        log.debug("received a notification", fields(id, entry, request))
        return AcceptedResponse(outcome, notification: id.map { "\($0)" }, reasons: entry.reasons).response
    }

    private func unavailable(_ error: StoreError, _ request: Request) -> Response {
        metrics.notifications[.unavailable].increment()
        log.error("a notification could not be stored", [.request: .text(request.head.id), .error: .text("\(error)")])
        return error.kind == .diskFull
            ? Problem(.diskFull, "The disk is full; nothing was stored.").response
            : Problem(.storeUnavailable, "The store cannot commit now; nothing was stored.").response
    }

    private func fields(_ id: InboxID?, _ entry: InboxEntry, _ request: Request) -> Log.Fields {
        [
            .request: .text(request.head.id), .notification: .text(id.map { "\($0)" } ?? ""),
            .state: .text(entry.outcome.rawValue), .entity: .text(entry.entity ?? ""), .bytes: .int(request.body.count),
        ]
    }
}

extension Appended {
    fileprivate var id: InboxID {
        switch self {
        case .stored(let id), .duplicate(let id, _): id
        }
    }
}

extension RequestHead {
    /// A missing Content-Type counts as JSON; parameters such as a charset do not matter.
    fileprivate var saysJSON: Bool {
        guard let type = headers["content-type"] else { return true }
        let essence = type.prefix { $0 != ";" }.trimmed.lowercased()
        return essence == "application/json" || essence == "text/json"
            || essence.hasPrefix("application/") && essence.hasSuffix("+json")
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
