import Configuration
import OnewayCore
import Threads

/// Where a command finds the running service: by its configuration, or by an address.
struct Whereabouts: Equatable, Sendable {
    var configuration: String?
    var url: String?

    init(configuration: String? = nil, url: String? = nil) {
        self.configuration = configuration
        self.url = url
    }

    init(_ given: Arguments) throws(UsageError) {
        self.init(configuration: given["--config"], url: given["--url"])
        if configuration != nil, url != nil {
            throw UsageError(says: "Either `--config` or `--url` says where the service is, not both.")
        }
    }
}

/// The service's admin listener, as a command reaches it.
struct RunningService: Sendable {
    let http: PlainHTTP
    let token: Secret?

    init(http: PlainHTTP, token: Secret?) {
        self.http = http
        self.token = token
    }

    /// The token is that of the configuration; beside an address, that of the environment.
    init(_ whereabouts: Whereabouts, secondsMax: Int = 60) throws {
        guard let url = whereabouts.url else {
            let admin = try Settings.source(whereabouts.configuration).read(toServe: false).configuration.admin
            guard admin.port != 0 else {
                throw Failed(says: "admin.port is 0, any free one: say with --url where the service listens.")
            }
            self.init(
                http: PlainHTTP(host: Self.reachable(admin.address), port: admin.port, secondsMax: secondsMax),
                token: admin.token
            )
            return
        }
        guard let http = PlainHTTP(url: url, secondsMax: secondsMax) else {
            throw UsageError(says: "`--url` needs an address such as http://127.0.0.1:8081 after it.")
        }
        self.init(http: http, token: try Settings.adminTokenOfTheEnvironment())
    }

    /// A listener bound to every address is reached at this machine's own.
    static func reachable(_ address: IPAddress) -> String {
        switch address.description {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: address.description
        }
    }

    /// An answer of 2xx.
    func ask(_ method: String, _ path: String, body: [UInt8] = []) async throws -> HTTPAnswer {
        var headers: [(name: String, value: String)] = []
        if let token { headers.append(("Authorization", "Bearer \(token.reveal())")) }
        let (http, chosen) = (http, headers)
        let result = await onOwnThread {
            Result { () throws(Failed) in try http.ask(method, path, headers: chosen, body: body) }
        }
        let answer: HTTPAnswer
        do throws(Failed) { answer = try result.get() } catch {
            throw Failed(says: "\(error.says). Is `oneway serve` running with this configuration?")
        }
        if 200..<300 ~= answer.status { return answer }
        throw Failed(says: says(answer))
    }

    private func says(_ answer: HTTPAnswer) -> String {
        guard let problem = try? JSONDocument(answer.body).root, let code = problem["code"]?.string else {
            return "What answers at \(http.place) is not Oneway's admin listener (status \(answer.status))."
        }
        if answer.status == 401 {
            return token == nil
                ? "The service asks for its token: give its configuration with --config, or set ONEWAY_ADMIN_TOKEN."
                : "The service has another token than admin.token (ONEWAY_ADMIN_TOKEN) says here."
        }
        return "The service refuses (\(code)): \((problem["detail"]?.string ?? "").printable)"
    }
}

extension PlainHTTP {
    /// Nil unless it is `http://host`, with a port or without.
    init?(url: String, secondsMax: Int) {
        guard url.hasPrefix("http://") else { return nil }
        var rest = url.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest.removeLast() }
        var port = 80
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), 1...65_535 ~= number else { return nil }
            port = number
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        let isName =
            !rest.isEmpty
            && rest.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
        guard isName else { return nil }
        self.init(host: String(rest), port: port, secondsMax: secondsMax)
    }
}
