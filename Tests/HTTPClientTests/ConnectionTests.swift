import Glibc
import TestSupport
import Testing
import Threads

@testable import HTTPClient

@Suite struct ConnectionTests {
    /// Answers once on each connection, and closes it when the next request has arrived: the worst moment.
    private static func forgetful() throws -> RawServer {
        try RawServer { connection in
            if connection.hear().isEmpty { return }
            connection.answer("\(connection.number)")
            _ = connection.hear()
        }
    }

    /// curl sends it again on a new connection automatically, which is harmless for an idempotent request.
    @Test func aKeptConnectionThatEndsIsReplaced() async throws {
        let server = try Self.forgetful()
        let transport = makeTransport()
        let request = TransportTests.request("http://127.0.0.1:\(server.port)/", body: Array("{}".utf8))
        #expect(word(await transport.send(request)) == "200 1")
        #expect(word(await transport.send(request)) == "200 2")
        #expect(server.requests.count == 3)
    }

    @Test func writesUseANewConnection() async throws {
        let server = try Self.forgetful()
        let transport = makeTransport()
        let url = "http://127.0.0.1:\(server.port)/"
        #expect(word(await transport.send(TransportTests.request(url))) == "200 1")
        let once = TransportTests.request(url, body: Array("{}".utf8), isRepeatable: false)
        #expect(word(await transport.send(once)) == "200 2")
        #expect(server.requests.count == 2)
    }

    @Test func aNewConnectionThatEndsIsNotReplaced() async throws {
        let server = try RawServer { connection in _ = connection.hear() }
        let request = TransportTests.request("http://127.0.0.1:\(server.port)/", body: Array("{}".utf8))
        #expect(word(await makeTransport().send(request)) == "unknown cut")
        #expect(server.requests.count == 1)
    }

    @Test func asManyAtOnceAsThreads() async throws {
        let state = Locked((now: 0, most: 0))
        let server = try RawServer { connection in
            while !connection.hear().isEmpty {
                state.withLock { state in
                    state.now += 1
                    state.most = max(state.most, state.now)
                }
                usleep(2000)
                state.withLock { $0.now -= 1 }
                connection.answer("ok")
            }
        }
        let transport = makeTransport(threads: 3)
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<30 {
                let request = TransportTests.request("http://127.0.0.1:\(server.port)/", body: [])
                group.addTask { word(await transport.send(request)) }
            }
            for await answer in group { #expect(answer == "200 ok") }
        }
        #expect(state.withLock { $0.most } <= 3)
        #expect(server.connections <= 3)
    }

    @Test func connectionsEndWithTheTransport() async throws {
        let closed = Monitor(false)
        let server = try RawServer { connection in
            while !connection.hear().isEmpty { connection.answer("ok") }
            closed.update { $0 = true }
        }
        #expect(
            word(await makeTransport().send(TransportTests.request("http://127.0.0.1:\(server.port)/"))) == "200 ok"
        )
        #expect(await onOwnThread { closed.wait(milliseconds: 120_000) { $0 ? true : nil } } == true)
    }

    @Test func aProxyIsTakenFromTheEnvironment() async throws {
        let transport = makeTransport()
        let plain = await transport.send(TransportTests.request("http://marketo.invalid/rest/v1/a"))
        #expect(word(plain) == "200 GET http://marketo.invalid/rest/v1/a HTTP/1.1")
        let refused = await transport.send(TransportTests.request("https://marketo.invalid/rest/v1/secret-path"))
        guard case .notSent(let says) = refused else {
            Issue.record("\(word(refused))")
            return
        }
        #expect(says.contains("407") && !says.contains("secret-path"))
    }
}
