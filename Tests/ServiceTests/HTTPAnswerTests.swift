import Testing

@testable import Forwarding
@testable import oneway

/// What a server's bytes mean to the commands.
@Suite struct HTTPAnswerTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        ("HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello and more", 200, "hello"),
        ("HTTP/1.0 404 Not Found\r\n\r\nnothing", 404, "nothing"),
        ("HTTP/1.1 204 \r\n\r\n", 204, ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", 200, "abcde"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n", 200, "\r\n\r\n"),
    ])
    func areRead(text: String, status: Int, body: String) {
        let answer = HTTPAnswer(Array(text.utf8))
        #expect(answer?.status == status)
        #expect(answer?.body == Array(body.utf8))
    }

    @Test(arguments: [
        "", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nabc\r\n0\r\n\r\n",
    ])
    func whatIsCutOrSomethingElseIsNone(text: String) {
        #expect(HTTPAnswer(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1", 8081), ("http://localhost/", "localhost", 80),
        ("http://[::1]:9", "::1", 9), ("http://[::1]", "::1", 80), ("http://oneway.example", "oneway.example", 80),
    ])
    func addressesAreRead(url: String, host: String, port: Int) {
        #expect(PlainHTTP(url: url, secondsMax: 1) == PlainHTTP(host: host, port: port, secondsMax: 1))
    }

    @Test(arguments: [
        "127.0.0.1:8081", "https://a", "http://", "http://a:0", "http://a:65536", "http://a/b", "http://a b",
        "http://a:x",
        "http://a\r\nX: y",
    ])
    func whatIsNoAddressIsNone(url: String) {
        #expect(PlainHTTP(url: url, secondsMax: 1) == nil)
    }
}
