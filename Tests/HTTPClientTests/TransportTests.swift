import Glibc
import HTTPServer
import TestSupport
import Testing
import Threads

@testable import HTTPClient

@Suite struct TransportTests {
    static func request(
        _ url: String,
        body: [UInt8]? = nil,
        seconds: Int = 120,
        authority: String? = nil,
        isRepeatable: Bool = true
    ) -> HTTPRequest {
        HTTPRequest(
            body == nil ? .get : .post,
            url,
            headers: ["Accept: application/json", "X-Test: yes"],
            body: body ?? [],
            secondsMax: seconds,
            trust: .init(authorities: authority),
            isRepeatable: isRepeatable
        )
    }

    static func answer(_ server: RawServer, _ scheme: String = "http", seconds: Int = 120) async -> String {
        let url = "\(scheme)://127.0.0.1:\(server.port)/a"
        return word(await makeTransport().send(request(url, body: Array("{}".utf8), seconds: seconds)))
    }

    /// The answer to a call that ends after a second; made again where not even the connection was made in time.
    private static func answerInASecond(_ server: RawServer) async -> String {
        while true {
            let heard = server.requests.count
            let answer = await answer(server, seconds: 1)
            if answer != "not sent" || server.requests.count > heard { return answer }
        }
    }

    @Test func sendsWhatItWasGivenAndNothingOdd() async throws {
        let server = try RawServer { connection in
            for _ in 0..<2 where !connection.hear().isEmpty { connection.answer("fine") }
        }
        let transport = makeTransport()
        let url = "http://127.0.0.1:\(server.port)/a?b=c"
        #expect(word(await transport.send(Self.request(url, body: Array("body".utf8)))) == "200 fine")
        #expect(word(await transport.send(Self.request(url))) == "200 fine")
        let requests = server.requests
        try #require(requests.count == 2)
        #expect(requests[0].hasPrefix("POST /a?b=c HTTP/1.1\r\n") && requests[0].hasSuffix("\r\n\r\nbody"))
        #expect(requests[0].contains("\r\nX-Test: yes\r\n") && requests[0].contains("\r\nContent-Length: 4\r\n"))
        #expect(
            requests[0].contains("\r\nUser-Agent: oneway/") && requests[0].contains("\r\nAccept-Encoding: gzip\r\n")
        )
        #expect(!requests[0].contains("Expect"))
        #expect(requests[1].hasPrefix("GET /a?b=c HTTP/1.1\r\n") && requests[1].hasSuffix("\r\n\r\n"))
        #expect(!requests[1].lowercased().contains("content-"))
        #expect(server.connections == 1)
    }

    @Test func aMegabyteGoesAndComes() async throws {
        let server = try RawServer { connection in
            let request = connection.hear()
            connection.answer(String(request.drop { $0 != "Z" }))
        }
        let body = [UInt8](repeating: UInt8(ascii: "Z"), count: 1_000_000)
        let answer = await makeTransport().send(Self.request("http://127.0.0.1:\(server.port)/", body: body))
        guard case .answered(let whole) = answer, whole.status == 200, whole.body == body else {
            Issue.record("\(word(answer).prefix(100))")
            return
        }
    }

    @Test func unsentAndUnknownOutcomesAreDistinguished() async throws {
        let cut = try RawServer { connection in _ = connection.hear() }
        #expect(await Self.answer(cut) == "unknown cut")
        #expect(cut.requests.count == 1)

        let short = try RawServer { connection in
            _ = connection.hear()
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }
        #expect(await Self.answer(short) == "unknown cut")

        let odd = try RawServer { connection in
            _ = connection.hear()
            connection.say("what?\r\n\r\n")
        }
        #expect(await Self.answer(odd) == "unknown cut")

        let silent = try RawServer { connection in
            _ = connection.hear()
            connection.waitForEnd()
        }
        #expect(await Self.answerInASecond(silent) == "unknown timeout")

        let speechless = try RawServer { connection in connection.waitForEnd() }
        #expect(await Self.answer(speechless, "https", seconds: 1) == "not sent")

        let plain = try RawServer { connection in connection.answer("plain") }
        #expect(await Self.answer(plain, "https") == "not sent")

        let nobody = try RawServer { _ in }.port
        for url in ["http://127.0.0.1:\(nobody)/", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://:/"] {
            #expect(word(await makeTransport().send(Self.request(url))) == "not sent", "\(url)")
        }
    }

    @Test func theDeadlineIsTotal() async throws {
        let dripping = try RawServer { connection in
            _ = connection.hear()
            connection.say("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
            // A minute: a call without a deadline would get the whole answer.
            for _ in 0..<600 where connection.say("x") { usleep(100_000) }
        }
        #expect(await Self.answerInASecond(dripping) == "unknown timeout")
    }

    @Test func anAnswerIsBounded() async throws {
        let endless = try RawServer { connection in
            _ = connection.hear()
            connection.say("HTTP/1.1 200 OK\r\n\r\n")
            let piece = String(repeating: "x", count: 1 << 20)
            while connection.say(piece) {}
        }
        #expect(await Self.answer(endless) == "unknown too-long")
    }

    @Test func redirectionsAreAnAnswer() async throws {
        let server = try RawServer { connection in
            _ = connection.hear()
            connection.answer("", status: "302 Found", headers: "Location: /elsewhere\r\n")
        }
        #expect(await Self.answer(server) == "302 ")
        #expect(server.requests.count == 1)
    }

    @Test func gzipIsUnpacked() async throws {
        let text = String(repeating: "compressible ", count: 1000)
        let packed = await onOwnThread { Program.run(["gzip", "-c"], input: Array(text.utf8)).output }
        try #require(packed.count > 10 && packed.count < 1000)
        let server = Answering { request in
            let isGood = request.head.path == "/good"
            return .init(
                status: 200,
                headers: [("Content-Encoding", "gzip")],
                body: isGood ? packed : Array("no gzip at all".utf8)
            )
        }
        try await withServer(server) { port in
            let transport = makeTransport()
            #expect(word(await transport.send(Self.request("http://127.0.0.1:\(port)/good"))) == "200 \(text)")
            #expect(word(await transport.send(Self.request("http://127.0.0.1:\(port)/bad"))) == "unknown cut")
        }
    }

    /// Dynamics needs this; Marketo never did.
    @Test func headersComeBackAndOtherMethodsGo() async throws {
        let server = try RawServer { connection in
            while !connection.hear().isEmpty {
                connection.answer("", status: "429 Too Many Requests", headers: "Retry-After: 7\r\nX-A: b: c\r\n")
            }
        }
        let transport = makeTransport(threads: 1)
        for method in [HTTPRequest.Method.patch, .delete, .get] {
            var request = Self.request("http://127.0.0.1:\(server.port)/", body: Array("{}".utf8))
            request.method = method
            guard case .answered(let answer) = await transport.send(request) else {
                Issue.record("no answer to \(method)")
                continue
            }
            #expect(answer.status == 429 && answer.header("retry-after") == "7" && answer.header("x-a") == "b: c")
            #expect(answer.header("location") == nil)
        }
        #expect(server.requests.map { $0.prefix { $0 != " " } } == ["PATCH", "DELETE", "GET"])
    }

    @Test func directConnectionsBypassTheProxy() async {
        var request = Self.request("http://marketo.invalid/")
        request.isDirect = true
        #expect(word(await makeTransport().send(request)) == "not sent")
    }
}
