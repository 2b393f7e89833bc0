import Coordination
import HTTPServer
import OnewayCore
import Reading
package import Store
package import Telemetry
import Threads

// What only the leader can answer, because it has the connections to Marketo and Dynamics, is asked of it by whichever
// replica was asked: as a job, which the leader ends with its answer.
extension AdminAPI {
    /// Less than a request may take.
    static let leaderSeconds = 25

    /// Nil: this replica is to answer.
    func askLeader(_ route: AdminRoute, _ request: Request) async throws(Problem) -> Response? {
        switch route {
        case .verifyOne: break
        // What is not only planned is a job that the leader picks up by itself.
        case .load where (try? JSONDocument(request.body))?.root["dryRun"]?.bool == true: break
        default: return nil
        }
        if leading() != nil { return nil }
        let answer: LeaderAnswer?
        do throws(StoreError) {
            answer = try await ask(LeaderQuestion(request))
        } catch {
            throw Problem(.storeUnavailable, error.description)
        }
        return try answer?.get()
    }

    /// Nil: nobody could be asked.
    private func ask(_ question: LeaderQuestion) async throws(StoreError) -> LeaderAnswer? {
        guard try await store.replicas().isLed else { return nil }
        let (asked, name) = (now(), "\(UInt64.random(in: .min ... .max))")
        let limit = asked.adding(seconds: Self.leaderSeconds)
        let job = Job(Job.Key(.ask, name), work: question.json.encoded, startedAt: asked)
        guard try await store.begin(job) else { return nil }
        let ended = store.signal(.jobs)
        while true {
            let seen = ended.count
            if let job = try await store.job(job.key), job.state != .running {
                return job.cursor.flatMap(LeaderAnswer.init) ?? .refused(Self.onlyTheLeader)
            }
            if now() >= limit { return .refused(Self.onlyTheLeader) }
            await ended.wait(after: seen, until: limit, .system)
        }
    }

    fileprivate func answer(_ question: LeaderQuestion) async -> LeaderAnswer {
        guard let route = AdminRoute(path: question.path), leading() != nil else { return .refused(Self.onlyTheLeader) }
        let head = RequestHead(
            id: "",
            method: question.method,
            path: question.path,
            query: question.query,
            contentLength: question.body.utf8.count
        )
        do throws(Problem) {
            return .answered(try await perform(route, Request(head: head, body: Array(question.body.utf8))))
        } catch {
            return .refused(error)
        }
    }

    static let onlyTheLeader = Problem(
        .storeUnavailable,
        "Only the leader can answer this, and it did not in time. GET /api/replicas names it."
    )
}

/// Answers, while this replica leads, what the others were asked.
package final class AnsweringOthers: Running {
    /// An answer may hold values of records: it is not kept for longer than whoever asked needs to read it.
    static let secondsKept = 30
    /// Nobody waits for so long; the clocks of two replicas differ by less than the rest.
    static let secondsOld = AdminAPI.leaderSeconds + 60
    private static let secondsBetweenLooks = 2
    /// Whether this replica still leads: what an earlier leader has answered is only looked for at the beginning.
    private static let secondsWhileIdle = 60
    /// At once: each may wait for Marketo.
    private static let answersMax = 8

    private struct State {
        var isStopped = false
        var underWay: Set<Job.Key> = []
        /// Answered by this replica; nil: those of an earlier leader are not known yet.
        var answered: [Job]?
    }

    private let api: AdminAPI
    private let leader: @Sendable () -> (any StoreLeader)?
    private let log: Log
    private let state = Locked(State())

    package init(_ api: AdminAPI, leader: @escaping @Sendable () -> (any StoreLeader)?, log: Log) {
        (self.api, self.leader, self.log) = (api, leader, log)
    }

    package func run() async {
        let asked = api.store.signal(.jobs)
        while !state.withLock(\.isStopped) {
            let seen = asked.count
            var next = TimeSource.systemNow().adding(seconds: Self.secondsBetweenLooks)
            do throws(StoreError) {
                if let leader = leader() {
                    let isIdle = try await forget(as: leader)
                    try await begin(as: leader)
                    if isIdle { next = TimeSource.systemNow().adding(seconds: Self.secondsWhileIdle) }
                } else {
                    state.withLock { $0.answered = nil }
                }
            } catch {
                // Another one may lead now, or the database is away.
                log.debug("cannot answer other replicas now", [.error: .text("\(error)")])
            }
            await asked.wait(after: seen, until: next, .system)
        }
    }

    package func stop() async {
        state.withLock { $0.isStopped = true }
        api.store.signal(.jobs).fire()
    }

    private func begin(as leader: any StoreLeader) async throws(StoreError) {
        for var job in try await leader.jobs(.ask, .running, limit: 1_000) {
            if job.startedAt.adding(seconds: Self.secondsOld) <= api.now() {
                job.end(.cancelled, at: api.now())
                try await leader.save(job)
                continue
            }
            let begins = state.withLock { state in
                state.underWay.count < Self.answersMax && state.underWay.insert(job.key).inserted
            }
            // Nobody waits for it here: not another question, and not a stop.
            if begins { Task { [job] in await answer(job, as: leader) } }
        }
    }

    private func answer(_ asked: Job, as leader: any StoreLeader) async {
        var job = asked
        if let question = LeaderQuestion(job.work) {
            job.cursor = await api.answer(question).text
            job.end(.done, at: api.now())
        } else {
            job.end(.cancelled, at: api.now())
        }
        do throws(StoreError) {
            state.withLock { $0.answered?.append(job) }
            try await leader.save(job)
        } catch {
            log.debug("an answer to another replica is lost", [.error: .text("\(error)")])
        }
        state.withLock { _ = $0.underWay.remove(job.key) }
        // There is room for another one.
        api.store.signal(.jobs).fire()
    }

    /// Returns whether nothing is left to be forgotten.
    private func forget(as leader: any StoreLeader) async throws(StoreError) -> Bool {
        let answered: [Job]
        if let known = state.withLock(\.answered) {
            answered = known
        } else {
            answered = try await leader.jobs(.ask, .done, limit: 1_000)
        }
        let now = api.now()
        func isOld(_ job: Job) -> Bool { (job.endedAt ?? now).adding(seconds: Self.secondsKept) <= now }
        for var job in answered where job.cursor != nil && isOld(job) {
            job.cursor = nil
            try await leader.save(job)
        }
        let kept = answered.filter { $0.cursor != nil && !isOld($0) }
        return state.withLock { state in
            // More may have been answered meanwhile.
            let more = (state.answered ?? []).filter { job in !answered.contains { $0.key == job.key } }
            state.answered = kept + more
            return kept.isEmpty && more.isEmpty && state.underWay.isEmpty
        }
    }
}

/// A request to one replica, as the leader gets it.
private struct LeaderQuestion {
    let method: String
    let path: String
    let query: String
    let body: String

    init(_ request: Request) {
        (method, path, query) = (request.head.method, request.head.path, request.head.query)
        body = String(decoding: request.body, as: UTF8.self)
    }

    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root, let method = root["method"]?.string,
            let path = root["path"]?.string, let query = root["query"]?.string, let body = root["body"]?.string
        else { return nil }
        (self.method, self.path, self.query, self.body) = (method, path, query, body)
    }

    var json: JSON {
        ["method": .string(method), "path": .string(path), "query": .string(query), "body": .string(body)]
    }
}

private enum LeaderAnswer {
    case answered(Response)
    case refused(Problem)

    init?(_ text: String) {
        guard let root = try? JSONDocument(Array(text.utf8)).root else { return nil }
        if let status = root["status"]?.int, let body = root["body"]?.string {
            let headers = [("Content-Type", root["type"]?.string ?? "application/json")]
            self = .answered(Response(status: status, headers: headers, body: Array(body.utf8)))
        } else if let code = root["code"]?.string.flatMap(ErrorCode.init), let detail = root["detail"]?.string {
            self = .refused(Problem(code, detail))
        } else {
            return nil
        }
    }

    var text: String {
        let json: JSON
        switch self {
        case .answered(let response):
            json = [
                "status": .int(response.status),
                "type": .optional(response.headers.first { $0.name == "Content-Type" }?.value),
                "body": .string(String(decoding: response.body, as: UTF8.self)),
            ]
        case .refused(let problem): json = ["code": .string(problem.code.rawValue), "detail": .string(problem.detail)]
        }
        return String(decoding: json.encoded, as: UTF8.self)
    }

    func get() throws(Problem) -> Response {
        switch self {
        case .answered(let response): return response
        case .refused(let problem): throw problem
        }
    }
}
