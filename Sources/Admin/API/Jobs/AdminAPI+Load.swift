import Coordination
import DataverseClient
import Forwarding
import HTTPServer
import Intake
import Loading
import OnewayCore
import Reading
import Store

// The first load: what it would cost, its beginning, progress, pause, and end.
extension AdminAPI {
    /// `{"dryRun": true}` only counts, `{"paused": true}` stops the one that runs until `{"paused": false}`.
    func load(_ body: AdminBody) async throws -> Response {
        guard connections.dynamics else { throw Self.notConnected }
        if let isPaused = try body.flag("paused") {
            guard let running = try await store.jobs(.load, .running, limit: 1).first else { throw Self.nothingRuns }
            try await store.give(isPaused ? .pause : nil, to: running.key)
            return try await loading()
        }
        let work = LoadWork(since: try body.time("since"), only: try body.choice("only", of: Entity.reported))
        if try body.flag("dryRun") == true {
            guard let planner = leading()?.planner else { throw Self.onlyTheLeader }
            return Response(status: 200, json: try await cost(work, planner))
        }
        guard try await LoadJob.begin(work, in: store, now: now()) != nil else {
            throw Problem(.badRequest, "A load is running already. GET /api/load shows it, DELETE /api/load ends it.")
        }
        return Response(status: 202, json: try await view(of: LoadJob.latest(in: store)))
    }

    func loading() async throws -> Response {
        guard let load = try await LoadJob.latest(in: store) else {
            throw Problem(.notFound, "Nothing was ever loaded.")
        }
        return Response(status: 200, json: try await view(of: load))
    }

    /// What was read stays, and is passed on.
    func cancelLoad() async throws -> Response {
        guard let running = try await store.jobs(.load, .running, limit: 1).first else { throw Self.nothingRuns }
        let hasEnded = try await cancel(running.key)
        return Response(status: hasEnded ? 200 : 202, json: try await view(of: LoadJob.latest(in: store)))
    }

    /// Orders the end of a job, and waits for it for a while.
    func cancel(_ key: Job.Key) async throws(StoreError) -> Bool {
        try await store.give(.cancel, to: key)
        let ended = store.signal(.jobs)
        let limit = now().adding(seconds: Self.refreshSeconds)
        while true {
            let seen = ended.count
            if try await store.job(key)?.state != .running { return true }
            if now() >= limit { return false }
            await ended.wait(after: seen, until: limit, .system)
        }
    }

    private var forwarding: Forwarding? { leading()?.forwarding }

    private static let notConnected = Problem(
        .notFound,
        "dynamics.webApi is not set: Dynamics cannot be read."
    )
    private static let nothingRuns = Problem(.notFound, "No load is running.")

    private func view(of load: LoadJob?) async throws(StoreError) -> JSON {
        guard let load else { return .null }
        let people = OutboxGroup.Key(stage: .waiting, why: WaitReason.lead.rawValue, kind: .role)
        return LoadView(
            load: load,
            order: try await store.order(to: load.job.key),
            status: try await store.status(),
            missingPeople: try await store.outboxGroups().first { $0.key == people }?.count ?? 0,
            gate: forwarding?.gate.status,
            callsPer20Seconds: forwarding?.gate.callsPer20Seconds ?? 0,
            now: now()
        ).json
    }

    private func cost(_ work: LoadWork, _ planner: LoadPlanner) async throws -> JSON {
        let plan: LoadPlan
        switch await planner.plan(work) {
        case .success(let made): plan = made
        case .failure(let failure): throw Problem(.storeUnavailable, "Dynamics: \(failure.says)")
        }
        let sample = await forwarding?.sample(plan.people)
        let rows = Entity.reported.compactMap { entity in
            plan.rows[entity].map {
                JSON.Member(entity.rawValue, ["rows": .int($0.rows), "atLeast": .bool($0.isAtLeast)])
            }
        }
        let left = forwarding?.gate.status.leftToday ?? 0
        let sending = Double(plan.calls) * 20 / Double(max(1, forwarding?.gate.callsPer20Seconds ?? 1))
        // Half a second for a request is what a busy environment takes.
        let minutes = Int(((sending + Double(plan.requests) / 2) / 60).rounded(.up))
        return [
            "dryRun": true, "dynamics": .object(rows),
            "named": ["contacts": .int(plan.contacts), "accounts": .int(plan.accounts), "roles": .int(plan.roles)],
            "requests": .int(plan.requests), "calls": .int(plan.calls), "callsLeft": .int(left),
            "days": .int(forwarding == nil ? 0 : days(plan.calls, left)), "minutes": .int(minutes),
            "people": [
                "asked": .int(sample?.asked ?? 0), "missing": .int(sample?.missing ?? 0),
                "withoutValue": .int(plan.peopleWithoutValue),
            ],
        ]
    }

    /// On how many of Marketo's days calls are needed.
    private func days(_ calls: Int, _ left: Int) -> Int {
        let perDay = max(1, forwarding?.gate.callsPerDay ?? 1)
        return calls <= left ? 1 : 1 + (calls - left + perDay - 1) / perDay
    }
}
