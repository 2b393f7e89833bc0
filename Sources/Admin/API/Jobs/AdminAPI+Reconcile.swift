import HTTPServer
import Intake
import OnewayCore
import Reading
import Reconciling
import Store

// What no notification reported: a job that begins by itself, or now.
extension AdminAPI {
    func reconcile(_ request: Request) async throws -> Response {
        guard connections.dynamics else {
            throw Problem(.notFound, "dynamics.webApi is not set: Dynamics cannot be read.")
        }
        switch request.head.method {
        case "POST":
            _ = try request.body.isEmpty ? nil : AdminBody(request, of: [])
            return try await beginReconciliation()
        case "DELETE": return try await cancelReconciliation()
        default:
            guard let latest = try await ReconcileJob.latest(in: store) else {
                throw Problem(.notFound, "Nothing was reconciled yet: POST /api/reconcile begins.")
            }
            return Response(status: 200, json: try await view(of: latest))
        }
    }

    private func beginReconciliation() async throws -> Response {
        guard try await Reconciler.loaded(in: store) != nil else {
            throw Problem(
                .badRequest,
                "Nothing was loaded yet, so there is nothing to compare with: POST /api/load first."
            )
        }
        guard let begun = try await ReconcileJob.begin(in: store, now: now()) else {
            throw Problem(.badRequest, "One at a time, and one is running: GET /api/reconcile shows it.")
        }
        return Response(status: 202, json: try await view(of: begun))
    }

    /// What was found stays, and is put right.
    private func cancelReconciliation() async throws -> Response {
        guard let running = try await store.jobs(.reconcile, .running, limit: 1).first else {
            throw Problem(.notFound, "No reconciliation is running.")
        }
        let hasEnded = try await cancel(running.key)
        let latest = try await ReconcileJob.latest(in: store)
        return Response(status: hasEnded ? 200 : 202, json: try await latest.asyncMap(view) ?? .null)
    }

    private func view(of job: ReconcileJob) async throws(StoreError) -> JSON {
        let found = Discovery.What.allCases.map { JSON.Member($0.rawValue, .int(job.found($0))) }
        let changes = try await untoldChanges().map(\.json)
        let counts = [JSON.Member("rows", .int(job.rows)), .init("requests", .int(job.requests))]
        return [
            "id": .string(job.job.key.name), "state": .string(job.job.state.rawValue),
            "table": .optional(job.isRunning ? job.entity.rawValue : nil),
            "phase": .optional(job.isRunning ? job.phase : nil),
            "progress": ["done": .int(job.rows), "total": .null, "unit": "rows"],
            "startedAt": .string("\(job.job.startedAt)"), "endedAt": .optional(job.job.endedAt.map { "\($0)" }),
            "endsAt": .null, "message": .optional(job.job.message),
            "result": .object(found + counts + [.init("changes", .array(changes))]),
        ]
    }

    /// In the status; null where Dynamics cannot be asked.
    func reconciliation() async throws(StoreError) -> JSON {
        guard connections.dynamics else { return .null }
        let (latest, done) = (try await ReconcileJob.latest(in: store), try await ReconcileJob.latestDone(in: store))
        let next = try await Reconciler.nextTime(in: store, everyMinutes: connections.reconcileEveryMinutes)
        let state =
            if latest?.isRunning == true {
                "running"
            } else if try await Reconciler.loaded(in: store) == nil {
                "not-loaded"
            } else if next == nil {
                "off"
            } else {
                "scheduled"
            }
        return [
            "state": .string(state), "found": done.map { .int($0.found) } ?? .null,
            "endedAt": .optional(done?.job.endedAt.map { "\($0)" }), "nextAt": .optional(next.map { "\($0)" }),
            "message": .optional(latest?.job.state == .failed ? latest?.job.message : nil),
        ]
    }

    /// The newest first, with the records that they are about.
    func untoldChanges() async throws(StoreError) -> [UntoldChange] {
        let entries = try await Discoveries.read(in: store).entries
        let records = try await store.records(Array(Set(entries.map(\.discovery.key))))
        return entries.map { UntoldChange(entry: $0, record: records[$0.discovery.key]) }
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(
        _ transform: (Wrapped) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value? {
        if let self { try await transform(self) } else { nil }
    }
}

/// A change that no notification reported, with what people call its record.
struct UntoldChange {
    let entry: Discoveries.Entry
    let record: MirrorRecord?

    private var key: RecordKey { entry.discovery.key }

    var name: String? {
        guard case .text(let name)? = record?["name"] else { return nil }
        return name
    }

    /// The opportunity whose story tells of it.
    var opportunity: GUID? {
        switch key.entity {
        case .opportunity: key.id
        case .connection:
            record?["record1id"]?.reference.flatMap { $0.entity == Entity.opportunity.rawValue ? $0.id : nil }
        case .contact, .account, .systemUser: nil
        }
    }

    var json: JSON {
        let discovery = entry.discovery
        return [
            "at": .string("\(entry.at)"), "what": .string(discovery.what.rawValue),
            "entity": .string(key.entity.rawValue), "record": .string("\(key.id)"), "name": .optional(name),
            "opportunity": .optional(opportunity.map { "\($0)" }),
            "columns": .array(discovery.columns.map(JSON.string)),
            "modifiedAt": .optional(discovery.modifiedAt.map { "\($0)" }),
            "cause": .optional(entry.cause?.rawValue), "says": .optional(entry.cause?.says),
        ]
    }
}
