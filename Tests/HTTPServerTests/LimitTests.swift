import Testing
import Threads

@testable import HTTPServer

@Suite struct LimitTests {
    @Test func slotsAreCountedExactlyAndHealthNeedsNone() async throws {
        try await withServer({
            $0.requestsInFlightMax = 3; $0.reservedInFlightMax = 1
        }) { port, responder in
            let waiting = try await blocking { try (0..<3).map { _ in try Wire(port: port) } }
            for wire in waiting { wire.say(post("/wait", "x")) }
            #expect(await responder.eventually { $0.waiting == 3 })

            let fourth = try await talk(port, post("/a", "x") + post("/a", "y"), answers: 2)
            #expect(fourth.statuses == [503, 503] && fourth.bodies == ["overloaded", "overloaded"])
            let others = try await statuses(port, get("/health") + post("/reserved", "x"), answers: 2)
            #expect(others == [200, 200])

            responder.latch.open()
            let answers = try await blocking { waiting.map { $0.hear { isComplete($0, 1) }.statuses } }
            #expect(answers == [[200], [200], [200]])
            // The last slot is freed a moment after its answer was received.
            #expect(await responder.eventually { $0.served == 7 })
            let after = try await statuses(port, post("/a", "x"))
            #expect(after == [200])
        }
    }

    @Test func bodiesInMemoryAreCountedExactly() async throws {
        let limits: (inout HTTPLimits) -> Void = {
            $0.bodiesInMemoryBytesMax = 1000; $0.reservedBodiesBytesMax = 100
        }
        try await withServer(bodyBytesMax: 5000, limits) { port, responder in
            let first = try await blocking { try Wire(port: port) }
            first.say(post("/wait", String(repeating: "a", count: 600)))
            #expect(await responder.eventually { $0.waiting == 1 })
            for (count, status) in [(400, 200), (401, 503)] {
                let answered = try await statuses(port, post("/a", String(repeating: "b", count: count)))
                #expect(answered == [status])
            }
            for (count, status) in [(100, 200), (101, 503)] {
                let answered = try await statuses(port, post("/reserved", String(repeating: "b", count: count)))
                #expect(answered == [status])
            }
            responder.latch.open()
            _ = try await blocking { first.hear { isComplete($0, 1) } }
            // Its memory is free a moment after its answer was received.
            #expect(await responder.eventually { $0.served == 5 })
            let after = try await statuses(port, post("/a", String(repeating: "b", count: 1000)))
            #expect(after == [200])
        }
    }

    @Test func aHandlerThatTakesTooLongIsAnsweredForOnce() async throws {
        try await withServer { port, responder in
            let wire = try await blocking { try Wire(port: port) }
            wire.say(post("/wait", "x"))
            #expect(await responder.eventually { $0.waiting == 1 })
            responder.server?.sweep(at: .infinity)
            let (heard, next) = try await blocking {
                let heard = wire.hear { isComplete($0, 1) }
                // The late answer is dropped, and the connection continues.
                responder.latch.open()
                wire.say(get("/health"))
                return (heard, wire.hear { isComplete($0, 1) })
            }
            #expect(heard.statuses == [503] && heard.bodies == ["timed out"])
            #expect(next.statuses == [200] && next.bodies == ["alive"])
        }
    }

    @Test(arguments: [
        "", "P", "POST /a HTTP/1.1\r\nHost: a\r\nX-A", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nabc",
    ])
    func whoDawdlesIsCutByElapsedTime(beginning: String) async throws {
        try await withServer({ $0.requestSecondsMax = 0.4 }) { port, responder in
            let seconds = try await blocking { () -> Double in
                let wire = try Wire(port: port)
                let start = monotonicSeconds()
                wire.say(beginning)
                // A byte now and then keeps an idle timer from expiring.
                while monotonicSeconds() - start < 150, wire.say("a"), !wire.isClosed(within: 0.05) {}
                return monotonicSeconds() - start
            }
            #expect(seconds < 120)
            #expect(responder.bodies == [])
        }
    }

    @Test func anIdleConnectionIsClosedInTheEnd() async throws {
        try await withServer({
            $0.requestSecondsMax = 0.4; $0.idleSecondsMax = 0.4
        }) { port, _ in
            let closed = try await blocking {
                let wire = try Wire(port: port)
                wire.say(get("/health"))
                return wire.hear().closed
            }
            #expect(closed)
        }
    }

    @Test func aPortInUseAndABadAddressAreSaid() async throws {
        try await withServer { port, responder in
            let limits = HTTPLimits()
            for (host, port, says) in [
                ("127.0.0.1", port, "cannot listen on 127.0.0.1 port \(port): Address already in use"),
                ("nowhere", 0, "nowhere is not an IPv4 or IPv6 address"),
            ] {
                let server = HTTPServer(
                    address: ListenAddress(host: host, port: port),
                    limits: limits,
                    responder: responder
                )
                #expect(throws: HTTPServerError(says: says)) { try server.start() }
            }
        }
    }

    @Test func fiveTwelveClientsInLockStepNeverStall() async throws {
        try await withServer { port, _ in
            let other = try await blocking { () -> String? in
                let wires = try (0..<512).map { _ in try Wire(port: port) }
                for _ in 0..<20 {
                    for wire in wires { wire.say(post("/a", "step")) }
                    for wire in wires {
                        let heard = wire.hear { isComplete($0, 1) }
                        guard heard.statuses == [200] else { return heard.text }
                    }
                }
                return nil
            }
            #expect(other == nil)
        }
    }

    @Test func aThousandAtOnceAndSixHundredSlowOnesLeaveHealthAlone() async throws {
        try await withServer({
            $0.requestsInFlightMax = 100
        }) { port, responder in
            let slow = try await blocking { try (0..<600).map { _ in try Wire(port: port) } }
            for (index, wire) in slow.enumerated() {
                wire.say(
                    index.isMultiple(of: 2)
                        ? "POST /a HT" : "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nab"
                )
            }
            let many = try await blocking { try (0..<1000).map { _ in try Wire(port: port) } }
            for wire in many { wire.say(post("/wait", "x")) }
            #expect(await responder.eventually { $0.waiting == 100 })
            for _ in 0..<20 {
                let health = try await statuses(port, get("/health"))
                #expect(health == [200])
            }
            // A hundred answers that went out would make room for requests that have not been read yet.
            #expect(await responder.eventually { $0.statuses.count { $0 == 503 } == 900 })
            responder.latch.open()
            let answers = try await blocking { many.map { $0.hear { isComplete($0, 1) }.statuses } }
            #expect(answers.filter { $0 == [200] }.count == 100)
            #expect(answers.filter { $0 == [503] }.count == 900)
            // They stay connected throughout; another test covers that they are cut off eventually.
            #expect(slow.allSatisfy { !$0.isClosed(within: 0) })
        }
    }
}
