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
        case .load where request.head.method == "POST": break
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
    private static let secondsBetweenLooks = 2

    private let api: AdminAPI
    private let leader: @Sendable () -> (any StoreLeader)?
    private let log: Log
    private let isStopped = Locked(false)

    package init(_ api: AdminAPI, leader: @escaping @Sendable () -> (any StoreLeader)?, log: Log) {
        (self.api, self.leader, self.log) = (api, leader, log)
    }

    package func run() async {
        let asked = api.store.signal(.jobs)
        var answered: [Job]?
        while !isStopped.withLock(\.self) {
            let seen = asked.count
            var next = TimeSource.systemNow().adding(seconds: Self.secondsBetweenLooks)
            do throws(StoreError) {
                if let leader = leader() {
                    var kept: [Job] = []
                    // Those of an earlier leader too.
                    if let answered { kept = answered } else { kept = try await leader.jobs(.ask, .done, limit: 1_000) }
                    kept = try await forget(kept.filter { $0.cursor != nil }, leader) + answerAll(leader)
                    answered = kept
                    if kept.isEmpty { next = TimeSource.systemNow().adding(seconds: 3_600) }
                } else {
                    answered = nil
                }
            } catch {
                // Another one may lead now, or the database is away.
                answered = nil
                log.debug("cannot answer other replicas now", [.error: .text("\(error)")])
            }
            await asked.wait(after: seen, until: next, .system)
        }
    }

    package func stop() async {
        isStopped.withLock { $0 = true }
        api.store.signal(.jobs).fire()
    }

    /// Returns those that have been answered.
    private func answerAll(_ leader: any StoreLeader) async throws(StoreError) -> [Job] {
        var answered: [Job] = []
        for var job in try await leader.jobs(.ask, .running, limit: 1_000) {
            let now = api.now()
            if let question = LeaderQuestion(job.work), job.startedAt.adding(seconds: AdminAPI.leaderSeconds) > now {
                job.cursor = await api.answer(question).text
                job.end(.done, at: now)
                answered.append(job)
            } else {
                job.end(.cancelled, at: now)
            }
            try await leader.save(job)
        }
        return answered
    }

    /// Returns those that may not have been read yet.
    private func forget(_ answered: [Job], _ leader: any StoreLeader) async throws(StoreError) -> [Job] {
        var kept: [Job] = []
        for var job in answered {
            if let ended = job.endedAt, ended.adding(seconds: Self.secondsKept) > api.now() {
                kept.append(job)
            } else {
                job.cursor = nil
                try await leader.save(job)
            }
        }
        return kept
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
