import Testing

@testable import HTTPServer

@Suite struct BodyTests {
    @Test func lengthChunksAndExpectationGiveTheSameBody() async throws {
        try await withServer { port, responder in
            _ = try await talk(port, post("/a?q=1", "hello"))
            let chunked =
                "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\nX-T: 1\r\n\r\n"
            #expect(try await statuses(port, chunked) == [200])
            let patient = try await blocking {
                let wire = try Wire(port: port)
                wire.say("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
                let goOn = wire.hear { $0.contains("\r\n\r\n") }
                wire.say("hello")
                return (goOn, wire.hear { isComplete($0, 1) })
            }
            #expect(patient.0.statuses == [100])
            #expect(patient.1.statuses == [200])
            #expect(responder.bodies == ["hello", "hello", "hello"])
        }
    }

    @Test func everyByteInAPieceOfItsOwn() async throws {
        try await withServer { port, responder in
            let heard = try await blocking {
                let wire = try Wire(port: port)
                for byte in Array(post("/a", "hello", "x-request-id: my-id_1.2").utf8) { wire.say([byte]) }
                return wire.hear { isComplete($0, 1) }
            }
            #expect(heard.statuses == [200])
            #expect(heard.header("x-request-id") == "my-id_1.2")
            #expect(responder.bodies == ["hello"])
        }
    }

    @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
        try await withServer { port, responder in
            let heard = try await talk(
                port,
                post("/a", "one") + get("/health") + post("/a", "four") + get("/health"),
                answers: 4
            )
            #expect(heard.statuses == [200, 200, 200, 200])
            #expect(heard.bodies == ["3", "alive", "4", "alive"])
            #expect(responder.bodies == ["one", "four"])
        }
    }

    @Test func theSameConnectionServesAgainAndAgain() async throws {
        try await withServer { port, _ in
            let heard = try await blocking {
                let wire = try Wire(port: port)
                return (0..<50).map { index in
                    wire.say(post("/a", String(repeating: "x", count: index)))
                    return wire.hear { isComplete($0, 1) }.bodies.last ?? ""
                }
            }
            #expect(heard == (0..<50).map(String.init))
        }
    }

    @Test func headHasTheLengthAndNoBody() async throws {
        try await withServer { port, _ in
            let heard = try await blocking {
                let wire = try Wire(port: port)
                wire.say("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n" + get("/health"))
                return wire.hear { $0.hasSuffix("alive") }
            }
            #expect(heard.statuses == [200, 200])
            #expect(heard.bodies == ["", "alive"])
            #expect(heard.header("Content-Length") == "5")
        }
    }

    @Test(arguments: ["", "a b", "ä", String(repeating: "a", count: 129), "a;b"])
    func anInsaneRequestIDIsReplaced(id: String) async throws {
        try await withServer { port, _ in
            let answer = try await talk(port, get("/health", "x-request-id: \(id)"))
            let ours = try #require(answer.header("x-request-id"))
            #expect(ours != id && RequestID.isSane(ours))
        }
    }

    @Test func aBodyUpToTheLimit() async throws {
        try await withServer(bodyBytesMax: 1000) { port, responder in
            for (count, status) in [(1000, 200), (1001, 413)] {
                let body = String(repeating: "b", count: count)
                let measured = try await statuses(port, post("/a", body))
                #expect(measured == [status])
                let chunked =
                    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
                let counted = try await statuses(port, chunked)
                #expect(counted == [status])
            }
            #expect(responder.bodies.map(\.count) == [1000, 1000])
        }
    }

    @Test func aChunkedBodyFarOverTheLimitIsCut() async throws {
        try await withServer(bodyBytesMax: 1000) { port, responder in
            let body = String(repeating: "b", count: 500_000)
            let heard = try await talk(
                port,
                "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7a120\r\n\(body)\r\n0\r\n\r\n"
            )
            #expect(heard.statuses == [] && heard.closed)
            #expect(responder.bodies == [])
        }
    }

    @Test func anUnwantedBodyIsDrainedBeforeTheAnswer() async throws {
        try await withServer { port, responder in
            let heard = try await talk(
                port,
                post("/no", String(repeating: "d", count: 300_000)) + get("/health"),
                answers: 2
            )
            #expect(heard.statuses == [403, 200])
            #expect(responder.bodies == [])
        }
    }
}
