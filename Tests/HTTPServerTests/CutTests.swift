import Testing

@testable import HTTPServer

@Suite struct CutTests {
    @Test(arguments: ["/cut", "/cut-at-once"]) func aCutIsNoAnswerAndEndsThatConnectionAlone(path: String) async throws
    {
        try await withServer { port, responder in
            let (heard, other) = try await blocking {
                let (wire, other) = (try Wire(port: port), try Wire(port: port))
                wire.say(post(path, "x"))
                let heard = wire.hear()
                other.say(get("/health"))
                return (heard, other.hear { isComplete($0, 1) })
            }
            #expect(heard.closed && heard.text.isEmpty)
            #expect(other.statuses == [200])
            #expect(await responder.eventually { $0.statuses.contains(nil) })
        }
    }
}
