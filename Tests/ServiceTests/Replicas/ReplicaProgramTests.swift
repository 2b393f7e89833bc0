import Configuration
import Foundation
import Glibc
import OnewayCore
import TestSupport
import Testing

/// Three processes on one PostgreSQL, as in production.
///
/// One that stands still for seconds loses its turn, so there may be more hand-overs than the forced ones.
/// `make prove-replicas` has the machine to itself, and measures how soon.
@Suite struct ReplicaProgramTests {
    private static func update(_ opportunity: Int, _ version: Int) -> String {
        notification(
            message: "Update",
            id: "\(GUID(high: 0xAA, low: UInt64(opportunity)))",
            operation: "\(GUID(high: UInt64(version), low: UInt64(opportunity)))",
            attributes: """
                {"key":"name","value":"version \(version)"},\
                {"key":"modifiedon","value":"/Date(\(1_700_000_000_000 + version * 1_000))/"}
                """
        )
    }

    private static func send(_ versions: ClosedRange<Int>, to replicas: [Replica]) async {
        for version in versions {
            for opportunity in 0..<4 {
                let notification = update(opportunity, version)
                let isTaken = await waited {
                    await replicas[(version + opportunity) % replicas.count].take(notification)
                }
                #expect(isTaken != nil)
            }
        }
    }

    /// Until Marketo holds this version of all, and the leader has stored that it does.
    private static func isDone(_ replicas: [Replica], _ port: Int, _ version: Int) async throws {
        let took = try await waited {
            let states = try await states(port)
            let newest = states.filter { $0["name"] as? String == "version \(version)" }
            guard newest.count == 4 else { return false }
            let outbox = try await replicas[0].ask("GET", "/api/status").members["outbox"] as? [String: Any]
            return outbox?["settled"] as? Int == 4
        }
        #expect(took != nil, "\(replicas.map { $0.log.suffix(1_000) })")
    }

    /// The place of the one that leads.
    private static func leader(of replicas: [Replica]) async throws -> Int {
        let isClear = await waited { replicas.count(where: \.leads) == 1 }
        #expect(isClear != nil, "\(replicas.map { $0.log.suffix(1_000) })")
        let place = replicas.firstIndex(where: \.leads)
        return try #require(place)
    }

    /// What Marketo has been given of opportunities.
    private static func states(_ port: Int) async throws -> [[String: Any]] {
        try await history(port).compactMap { $0["state"] as? [String: Any] }
    }

    private static func history(_ port: Int) async throws -> [[String: Any]] {
        let answer = try await AppTests.ask("GET", port, "/sandbox/history")
        let read = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: Any]]
        return (read ?? []).filter { $0["kind"] as? String == "opportunities" }
    }

    @Test(.timeLimit(.minutes(10)))
    func theLeaderIsKilledAndNothingIsLost() async throws {
        try await withSandbox { _, marketo in
            let database = try ThrowawayPostgreSQL.shared.address()
            let port = try #require(Int(marketo.endpoint.split(separator: ":").last ?? ""))
            var replicas = try (0..<3).map { _ in try Replica(database: database, marketo: marketo) }
            let all = replicas
            let result: Result<Void, any Error>
            do {
                let begun = await waited { [replicas] in
                    replicas.allSatisfy { $0.port("admin") != nil } && replicas.contains(where: \.leads)
                }
                #expect(begun != nil)
                await Self.send(1...3, to: replicas)
                try await Self.isDone(replicas, port, 3)

                let killed = try await Self.leader(of: replicas)
                await replicas.remove(at: killed).end(SIGKILL)
                let left = replicas
                async let more: Void = Self.send(4...6, to: left)
                let handOver = await waited { [replicas] in replicas.contains(where: \.leads) }
                #expect(handOver != nil)
                let forwards = try await waited {
                    try await Self.states(port).contains { ($0["name"] as? String ?? "") > "version 3" }
                }
                #expect(forwards != nil)
                await more
                try await Self.isDone(replicas, port, 6)

                try await Self.anyReplicaAnswers(replicas)
                let leader = try await Self.leader(of: replicas)
                await replicas.remove(at: leader).end(SIGTERM)
                let isLed = await waited { [replicas] in replicas[0].leads }
                #expect(isLed != nil)
                await Self.send(7...7, to: replicas)
                try await Self.isDone(replicas, port, 7)
                try await Self.check(port, newest: 7)
                result = .success(())
            } catch { result = .failure(error) }
            for replica in replicas { await replica.end(SIGTERM) }
            try result.get()
            #expect(all.count == 3)
        }
    }

    /// Its process goes on later, as if nothing had happened.
    @Test(.timeLimit(.minutes(10)))
    func theLeaderIsPausedAndNothingGoesBack() async throws {
        try await withSandbox { _, marketo in
            let database = try ThrowawayPostgreSQL.shared.address()
            let port = try #require(Int(marketo.endpoint.split(separator: ":").last ?? ""))
            let replicas = try (0..<2).map { _ in try Replica(database: database, marketo: marketo) }
            let result: Result<Void, any Error>
            do {
                let begun = await waited {
                    replicas.allSatisfy { $0.port("admin") != nil } && replicas.contains(where: \.leads)
                }
                #expect(begun != nil)
                await Self.send(1...2, to: replicas)
                try await Self.isDone(replicas, port, 2)
                let leader = try await Self.leader(of: replicas)
                let (paused, other) = (replicas[leader], replicas[1 - leader])
                paused.signal(SIGSTOP)
                await Self.send(3...4, to: [other])
                let handOver = await waited { other.leads }
                #expect(handOver != nil)
                try await Self.isDone([other], port, 4)
                paused.signal(SIGCONT)
                let knows = await waited { paused.log.contains("another replica leads now") }
                #expect(knows != nil)
                await Self.send(5...6, to: replicas)
                try await Self.isDone([other], port, 6)
                try await Self.check(port, newest: 6)
                result = .success(())
            } catch { result = .failure(error) }
            for replica in replicas {
                replica.signal(SIGCONT)
                await replica.end(SIGTERM)
            }
            try result.get()
        }
    }

    /// What an operator asks of a replica that does not lead is done by the one that does.
    private static func anyReplicaAnswers(_ replicas: [Replica]) async throws {
        let place = try await Self.leader(of: replicas)
        let (leader, other) = (replicas[place], replicas[1 - place])
        func state(_ replica: Replica) async throws -> String? {
            (try await replica.ask("GET", "/api/status").members["marketo"] as? [String: Any])?["state"] as? String
        }
        let areListed = try await waited {
            let listed = try await other.ask("GET", "/api/replicas").members["replicas"] as? [[String: Any]] ?? []
            let roles = listed.compactMap { $0["role"] as? String }
            // The one that was killed is listed too, as lost after some seconds.
            return roles.count == 3 && roles.count { $0 == "leader" } == 1
        }
        #expect(areListed != nil)
        try await aFollowerShowsTheSame(replicas)
        try await aFollowerAnswersWhatOnlyTheLeaderKnows(replicas)
        let verdicts = try await waited {
            func code(_ replica: Replica) async throws -> String? {
                (try await replica.ask("GET", "/api/status").members["health"] as? [String: Any])?["code"] as? String
            }
            let (first, second) = (try await code(leader), try await code(other))
            return first != nil && first == second
        }
        #expect(verdicts != nil, "the leader's view of Marketo is part of each verdict")
        func shows(_ expected: String, _ replica: Replica) async throws {
            let took = try await waited { try await state(replica) == expected }
            #expect(took != nil, "\(expected)")
        }
        try await shows("ok", other)
        #expect(try await other.ask("POST", "/api/pause").status == 200)
        try await shows("paused", leader)
        try await shows("paused", other)
        #expect(try await other.ask("POST", "/api/resume").status == 200)
        try await shows("ok", leader)
        let account = GUID(high: 0xBB, low: 1)
        let imported = try await other.ask("POST", "/api/import", #"{"account": "\#(account)", "name": "Harbour"}"#)
        #expect(imported.members["imported"] as? Int == 1 && imported.members["changed"] as? Int == 1)
    }

    /// Of Marketo too, as the leader has said.
    private static func aFollowerShowsTheSame(_ replicas: [Replica]) async throws {
        var page = ""
        let shows = try await waited {
            guard let follower = replicas.first(where: { !$0.leads }) else { return false }
            page = try await follower.ask("GET", "/").body
            let hasHandOvers = page.contains(#/Hand-overs so far: [1-9]/#)
            return hasHandOvers
                && ["Calls left today", "All is well", "Pause forwarding"].allSatisfy { page.contains($0) }
        }
        #expect(shows != nil, "\(page)")
        var metrics = ""
        let counts = try await waited {
            guard let follower = replicas.first(where: { !$0.leads }) else { return false }
            metrics = try await follower.ask("GET", "/metrics").body
            let seen = ScrapeTests.samples(metrics)
            return seen[#"oneway_replicas{role="leader"}"#] == 1 && seen["oneway_hand_overs"].map { $0 >= 1 } == true
                && seen["oneway_leads"] == 0 && seen["oneway_database_seconds"].map { $0 > 0 } == true
        }
        #expect(counts != nil, "\(metrics)")
    }

    /// Only the leader may call Marketo and Dynamics.
    private static func aFollowerAnswersWhatOnlyTheLeaderKnows(_ replicas: [Replica]) async throws {
        func ask(_ path: String, _ body: String? = nil) async throws -> AppTests.Answer {
            let follower = await waited { replicas.contains { !$0.leads } }
            #expect(follower != nil)
            return try await (replicas.first { !$0.leads } ?? replicas[0]).ask("POST", path, body)
        }
        let verified = try await ask("/api/opportunities/\(GUID(high: 0xAA, low: 1))/verify")
        #expect(verified.status == 200, "\(verified.body)")
        let plan = try await ask("/api/load", #"{"dryRun": true}"#)
        #expect(plan.status == 404 && plan.body.contains("dynamics.webApi is not set"), "\(plan.body)")
        let survey = try await ask("/api/adopt")
        #expect(survey.status == 202, "\(survey.body)")
    }

    /// Marketo holds the newest state; no key was in two calls at once, and none went back.
    private static func check(_ port: Int, newest: Int) async throws {
        let states = try await history(port)
        let calls = try await AppTests.ask("GET", port, "/sandbox/calls").members["calls"] as? [[String: Any]] ?? []
        var times: [Int: (began: String, answered: String)] = [:]
        for call in calls {
            guard let number = call["number"] as? Int, let began = call["began"] as? String else { continue }
            times[number] = (began, call["answered"] as? String ?? "9")
        }
        let byKey = Dictionary(grouping: states) { $0["key"] as? String ?? "" }
        #expect(byKey.count == 4)
        for (key, states) in byKey {
            let names = states.compactMap { ($0["state"] as? [String: Any])?["name"] as? String }
            #expect(names == names.sorted() && names.last == "version \(newest)", "\(key)")
            let numbers = Set(states.compactMap { $0["call"] as? Int }).sorted()
            for (one, next) in zip(numbers, numbers.dropFirst()) {
                let (earlier, later) = (try #require(times[one]), try #require(times[next]))
                #expect(earlier.answered <= later.began, "\(key) is in the calls \(one) and \(next)")
            }
        }
    }
}
