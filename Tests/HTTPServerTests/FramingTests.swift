import Testing

@testable import HTTPServer

/// Ambiguous bytes are refused before anything acts on them.
@Suite struct FramingTests {
    static let refused: [(String, String)] = [
        ("two equal lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        ("two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
        ("lengths in a list", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"),
        ("a signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
        ("a negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nhello"),
        ("a hexadecimal length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"),
        ("an empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nhello"),
        ("a huge length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nhello"),
        (
            "length and chunked",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        (
            "chunked and length",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        ),
        ("an unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nhello"),
        ("a list of codings", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        (
            "chunked twice",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        ("chunked with a tail", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
        (
            "a coding behind a control character",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n"
        ),
        ("a folded header", "POST / HTTP/1.1\r\nHost: a\r\nX-A: one\r\n two\r\nContent-Length: 0\r\n\r\n"),
        ("a folded header with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX-A: one\r\n\ttwo\r\n\r\n"),
        ("a folded length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n 5\r\n\r\nhello"),
        ("a space before the colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello"),
        ("a space in a name", "GET / HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n"),
        ("no name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"),
        ("a name in brackets", "GET / HTTP/1.1\r\nHost: a\r\n[x]: b\r\n\r\n"),
        ("no Host", "GET / HTTP/1.1\r\nX-A: b\r\n\r\n"),
        ("no Host in HTTP/1.0", "GET / HTTP/1.0\r\nX-A: b\r\n\r\n"),
        ("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("an encoded NUL", "GET /health%00/evil HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("an encoded NUL in the query", "GET /health?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a raw NUL in the target", "GET /health\u{0}/evil HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a control character in the target", "GET /a\u{1}b HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a DEL in the target", "GET /a\u{7F}b HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a tab in the target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("an absolute target", "GET http://a/health HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("an authority", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("two spaces", "GET  /health HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("two spaces before the version", "GET /health  HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a space in the target", "GET /hea lth HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("no version", "GET /health\r\nHost: a\r\n\r\n"),
        ("HTTP/2", "GET /health HTTP/2.0\r\nHost: a\r\n\r\n"),
        ("HTTP/1.2", "GET /health HTTP/1.2\r\nHost: a\r\n\r\n"),
        ("a lower-case version", "GET /health http/1.1\r\nHost: a\r\n\r\n"),
        ("a method in brackets", "G(T /health HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a bare LF after the request line", "GET /health HTTP/1.1\nHost: a\r\n\r\n"),
        ("a bare LF after a header", "GET /health HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n"),
        ("a bare CR in a value", "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n"),
        ("a NUL in a value", "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\u{0}c\r\n\r\n"),
        ("a control character in a value", "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\u{8}c\r\n\r\n"),
    ]

    @Test(arguments: refused) func isRefusedAndCut(what: String, request: String) async throws {
        try await withServer { port, responder in
            // A second request behind it must never be reached.
            let heard = try await talk(port, request + get("/health"), answers: 2)
            #expect(heard.statuses.isEmpty || [400, 413, 505].contains(heard.statuses.first), "\(what): \(heard.text)")
            #expect(heard.closed, "\(what)")
            #expect(responder.admitted == 0, "\(what)")
        }
    }

    static let brokenChunks: [(String, String)] = [
        ("a size that is no number", "z\r\nhello\r\n0\r\n\r\n"),
        ("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
        ("a size in 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("a huge size", "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        ("no size", "\r\nhello\r\n0\r\n\r\n"),
        ("no line break after the data", "5\r\nhello0\r\n\r\n"),
        ("more data than its size", "3\r\nhello\r\n0\r\n\r\n"),
    ]

    @Test(arguments: brokenChunks) func brokenChunksReachNobody(what: String, chunks: String) async throws {
        try await withServer { port, responder in
            let request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
            let heard = try await talk(port, request + get("/health"), answers: 2)
            #expect(!heard.statuses.contains(200), "\(what): \(heard.text)")
            #expect(heard.closed, "\(what)")
            #expect(responder.bodies == [], "\(what)")
        }
    }

    @Test func headersUpToTheLimit() async throws {
        try await withServer({ $0.headersMax = 20 }) { port, _ in
            for (count, status) in [(19, 200), (20, 400)] {
                let many = (0..<count).map { "X-\($0): v\r\n" }.joined()
                let heard = try await talk(port, "GET /health HTTP/1.1\r\nHost: a\r\n\(many)\r\n")
                #expect(heard.statuses == [status])
            }
        }
    }

    @Test func aHeadThatIsTooLongIsRefused() async throws {
        try await withServer { port, responder in
            let heard = try await talk(port, get("/" + String(repeating: "a", count: 40_000)))
            #expect(heard.statuses == [414] || heard.statuses == [431], "\(heard.text.prefix(200))")
            let header = try await talk(port, get("/health", "X-A: " + String(repeating: "a", count: 40_000)))
            #expect(header.statuses == [431])
            #expect(responder.admitted == 0)
        }
    }
}
