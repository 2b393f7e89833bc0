import Testing

@testable import oneway

/// Addresses of the service, as `--url` accepts them.
@Suite struct ServiceEndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1", 8081), ("http://localhost/", "localhost", 80),
        ("http://[::1]:9", "::1", 9), ("http://[::1]", "::1", 80), ("http://oneway.example", "oneway.example", 80),
    ])
    func addressesAreRead(url: String, host: String, port: Int) {
        #expect(ServiceEndpoint(url: url, secondsMax: 1) == ServiceEndpoint(host: host, port: port, secondsMax: 1))
    }

    @Test(arguments: [
        "127.0.0.1:8081", "https://a", "http://", "http://a:0", "http://a:65536", "http://a/b", "http://a b",
        "http://a:x",
        "http://a\r\nX: y",
    ])
    func invalidAddressesAreRefused(url: String) {
        #expect(ServiceEndpoint(url: url, secondsMax: 1) == nil)
    }
}
