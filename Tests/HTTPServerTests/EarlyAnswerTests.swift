import Foundation
import TestSupport
import Testing
import Threads

@testable import HTTPServer

/// An answer that needs no body reaches a sender that is still sending one: a proxy, or a client that sends before it
/// reads.
@Suite struct EarlyAnswerTests {
    private static let fiveMegabytes = [UInt8](repeating: UInt8(ascii: "b"), count: 5 << 20)

    private static func head(_ path: String, length: Int, _ headers: String...) -> String {
        "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n" + headers.map { $0 + "\r\n" }.joined()
            + "\r\n"
    }

    /// Sends everything before it reads a byte.
    private static func sendAll(_ port: Int, _ path: String, _ body: [UInt8]) async throws -> (sent: Bool, heard: Heard)
    {
        try await blocking {
            let wire = try Wire(port: port)
            let sent = wire.say(Array(head(path, length: body.count).utf8) + body)
            return (sent, wire.hear { isComplete($0, 1) })
        }
    }

    @Test(arguments: [("/no", 403), ("/too-large", 413)])
    func itArrivesAfterABodyOfFiveMegabytes(path: String, status: Int) async throws {
        try await withServer { port, responder in
            for _ in 0..<3 {
                let (sent, heard) = try await Self.sendAll(port, path, Self.fiveMegabytes)
                #expect(sent && heard.statuses == [status] && !heard.closed, "the connection stays open")
            }
            #expect(responder.bodies == [])
        }
    }

    @Test func itArrivesWhileTheServerDrains() async throws {
        try await withServer { port, responder in
            let wires = try await blocking { try (0..<2).map { _ in try Wire(port: port) } }
            wires[0].say(post("/wait", "x"))
            #expect(await responder.eventually { $0.waiting == 1 })
            // Started before, so that it is read while the server drains.
            wires[1].say(get("/health"))
            _ = try await blocking { wires[1].hear { isComplete($0, 1) } }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await responder.server?.stop(graceSeconds: 120) }
                while responder.server?.gate.withLock({ $0.isDraining }) == false { await Task.yield() }
                let heard = try? await blocking {
                    wires[1].say(Array(Self.head("/a", length: 500_000).utf8) + Self.fiveMegabytes.prefix(500_000))
                    return wires[1].hear { isComplete($0, 1) }
                }
                #expect(heard?.statuses == [503] && heard?.bodies == ["draining"])
                responder.latch.open()
            }
        }
    }

    /// A sender that asks first is answered at once, and sends nothing.
    @Test func aSenderThatAsksFirstIsAnsweredAtOnce() async throws {
        try await withServer { port, _ in
            let heard = try await talk(port, Self.head("/no", length: 5 << 20, "Expect: 100-continue"))
            #expect(heard.statuses == [403])
        }
    }

    @Test func aBodyAtTheLimitGoesByAndOnePastItIsAnsweredAtOnce() async throws {
        try await withServer({ $0.discardedBytesMax = 100_000 }) { port, _ in
            let (_, heard) = try await Self.sendAll(port, "/no", Array(Self.fiveMegabytes.prefix(100_000)))
            #expect(heard.statuses == [403] && !heard.closed)
            // The head is enough: the server does not wait for a body, and closes the connection.
            let past = try await blocking {
                let wire = try Wire(port: port)
                wire.say(Self.head("/no", length: 100_001))
                return wire.hear()
            }
            #expect(past.statuses == [403] && past.closed)
        }
    }

    /// Discarded bodies take no slot and no memory, and the number of such connections is limited.
    @Test func placesAreCountedAndNobodyElseWaits() async throws {
        try await withServer({
            $0.discardingConnectionsMax = 3; $0.requestsInFlightMax = 1; $0.bodiesInMemoryBytesMax = 2_000
        }) { port, responder in
            let dawdling = try await blocking { try (0..<3).map { _ in try Wire(port: port) } }
            for wire in dawdling { wire.say(Self.head("/no", length: 1_000_000) + "beginning") }
            #expect(await eventually { responder.server?.gate.withLock { $0.discarding } == 3 })
            let others = try await statuses(port, post("/a", "x") + get("/health"), answers: 2)
            #expect(others == [200, 200])
            let fourth = try await blocking {
                let wire = try Wire(port: port)
                wire.say(Self.head("/no", length: 1_000_000))
                return wire.hear()
            }
            #expect(fourth.statuses == [403] && fourth.closed, "no place is left: answered at once")
            // Two send everything, one disconnects: all give their places back.
            let rest = [UInt8](repeating: 0x62, count: 1_000_000 - "beginning".utf8.count)
            let answers = try await blocking {
                dawdling[0].reset()
                return dawdling.dropFirst().map { wire in
                    wire.say(rest)
                    return wire.hear { isComplete($0, 1) }.statuses
                }
            }
            #expect(answers == [[403], [403]])
            #expect(await eventually { responder.server?.gate.withLock { $0.discarding } == 0 })
            let (_, again) = try await Self.sendAll(port, "/no", Array(Self.fiveMegabytes.prefix(100_000)))
            #expect(again.statuses == [403] && !again.closed)
        }
    }

    @Test func whoDawdlesOverAnUnwantedBodyIsCut() async throws {
        try await withServer({ $0.requestSecondsMax = 0.4 }) { port, _ in
            let seconds = try await blocking { () -> Double in
                let wire = try Wire(port: port)
                let start = monotonicSeconds()
                wire.say(Self.head("/no", length: 1_000_000))
                while monotonicSeconds() - start < 150, wire.say("a"), !wire.isClosed(within: 0.05) {}
                return monotonicSeconds() - start
            }
            #expect(seconds < 120)
        }
    }
}
