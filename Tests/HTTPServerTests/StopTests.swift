import Glibc
import Testing
import Threads

@testable import HTTPServer

/// libmicrohttpd aborts the process when it is stopped at the wrong moment, so these tests finish only if it was not.
@Suite struct StopTests {
    @Test func whileIdleWithConnectionsOpen() async throws {
        try await withServer { port, _ in
            let wires = try await blocking { try (0..<5).map { _ in try Wire(port: port) } }
            for wire in wires.prefix(3) { wire.say(get("/health")) }
            let heard = try await blocking { wires.prefix(3).map { $0.hear { isComplete($0, 1) }.statuses } }
            #expect(heard == [[200], [200], [200]])
        }
    }

    @Test func requestsInProgressEndAndLaterOnesAreRefused() async throws {
        let responder = TestResponder(bodyBytesMax: 1000)
        let server = HTTPServer(
            address: ListenAddress(host: "127.0.0.1", port: 0),
            limits: HTTPLimits(),
            responder: responder
        )
        let port = try server.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            let (early, late) = try await blocking { (try Wire(port: port), try Wire(port: port)) }
            early.say(post("/wait", "x"))
            #expect(await responder.eventually { $0.waiting == 1 })
            group.addTask { await server.stop(graceSeconds: 120) }
            while !server.gate.withLock({ $0.isDraining }) { await Task.yield() }
            late.say(post("/a", "y"))
            let refused = try await blocking { late.hear { isComplete($0, 1) } }
            #expect(refused.statuses == [503] && refused.bodies == ["draining"])
            responder.latch.open()
            let answered = try await blocking { early.hear { isComplete($0, 1) } }
            #expect(answered.statuses == [200])
            try await group.waitForAll()
        }
        #expect(server.unfinished == 0)
        #expect(responder.bodies == ["x"])
    }

    /// Nothing else is in progress: its sender is not cut off all the same.
    @Test func aBodyThatIsStillArrivingIsRefusedAndNotCut() async throws {
        let wire = Locked<Wire?>(nil)
        try await withServer(graceSeconds: 120, { $0.arrivingSecondsMax = 120 }) { port, responder in
            let early = try await blocking { try Wire(port: port) }
            let text = post("/a", String(repeating: "y", count: 500))
            early.say(String(text.dropLast(100)))
            #expect(await responder.eventually { $0.admitted == 1 })
            wire.withLock { $0 = early }
            let server = responder.server
            startThread {
                while server?.gate.withLock({ $0.isDraining }) == false { usleep(1_000) }
                early.say(String(text.suffix(100)))
            }
        }
        let early = try #require(wire.withLock { $0 })
        let heard = try await blocking { early.hear { isComplete($0, 1) } }
        #expect(heard.statuses == [503] && heard.bodies == ["draining"])
    }

    @Test func afterTheGraceTheRestIsRefused() async throws {
        let heard = Locked<Heard?>(nil)
        try await withServer(graceSeconds: 0.2) { port, responder in
            let wire = try await blocking { try Wire(port: port) }
            wire.say(post("/stuck", "x"))
            #expect(await responder.eventually { $0.waiting == 1 })
            startThread {
                let answer = wire.hear { isComplete($0, 1) }
                heard.withLock { $0 = answer }
                responder.stuck.open()
            }
        }
        #expect(heard.withLock { $0?.bodies } == ["draining"])
    }

    @Test func whileHeadsAndBodiesAreHalfSent() async throws {
        try await withServer(graceSeconds: 10) { port, _ in
            let wires = try await blocking { try (0..<6).map { _ in try Wire(port: port) } }
            for (index, wire) in wires.enumerated() {
                wire.say(String(post("/a", "hello").prefix(10 + index * 12)))
            }
            let health = try await statuses(port, get("/health"))
            #expect(health == [200])
        }
    }

    @Test(arguments: 1...20) func underLoad(round: Int) async throws {
        let done = Locked(false)
        let outcomes = Locked<[Int]>([])
        let running = Locked(0)
        try await withServer(graceSeconds: 1) { port, responder in
            for _ in 0..<8 {
                running.withLock { $0 += 1 }
                startThread {
                    while !done.withLock({ $0 }) {
                        guard let wire = try? Wire(port: port) else { break }
                        while wire.say(post("/a", "load")) {
                            let heard = wire.hear { isComplete($0, 1) }
                            outcomes.withLock { $0 += heard.statuses }
                            if heard.closed || heard.statuses != [200] { break }
                        }
                    }
                    running.withLock { $0 -= 1 }
                }
            }
            #expect(await responder.eventually { $0.served > 50 })
        }
        done.withLock { $0 = true }
        while running.withLock({ $0 }) > 0 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(outcomes.withLock { Set($0) }.isSubset(of: [200, 503]))
    }
}
