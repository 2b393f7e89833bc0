import Glibc
import Testing
import Threads

@testable import HTTPServer

/// Clients that disconnect, in every phase, many times: nothing leaks (`withServer` checks that), nothing aborts.
@Suite struct ClientTests {
    @Test func clientsThatResetInEveryPhaseLeaveNothingBehind() async throws {
        let request = post("/wait", String(repeating: "r", count: 500))
        try await withServer { port, responder in
            try await blocking {
                for round in 0..<200 {
                    let wire = try Wire(port: port)
                    wire.say(String(request.prefix(request.count * (round % 10) / 9)))
                    wire.reset()
                }
            }
            // Complete requests are still being handled; their answers have no recipient.
            responder.latch.open()
            let after = try await statuses(port, post("/a", "x"))
            #expect(after == [200])
        }
    }

    @Test func answersOverIPv6() async throws {
        let responder = TestResponder(bodyBytesMax: 100)
        let server = HTTPServer(
            address: ListenAddress(host: "::1", port: 0),
            limits: HTTPLimits(),
            responder: responder
        )
        let port = try server.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            let answer = try await blocking { curl("http://[::1]:\(port)/health") }
            #expect(answer == "alive")
            await server.stop(graceSeconds: 1)
            try await group.waitForAll()
        }
    }
}
