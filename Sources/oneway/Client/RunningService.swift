import Configuration
import HTTPClient
import OnewayCore

/// Where a command finds the running service: by its configuration, or by an address.
struct ServiceLocation: Equatable, Sendable {
    var configuration: String?
    var url: String?
    /// A file with the authorities to trust instead of the system's.
    var authorities: String?

    init(configuration: String? = nil, url: String? = nil, authorities: String? = nil) {
        self.configuration = configuration
        self.url = url
        self.authorities = authorities
    }

    init(_ given: Arguments) throws(UsageError) {
        self.init(configuration: given["--config"], url: given["--url"], authorities: given["--ca"])
        if configuration != nil, url != nil {
            throw UsageError(says: "Either `--config` or `--url` says where the service is, not both.")
        }
        if authorities != nil, url?.hasPrefix("https://") != true {
            throw UsageError(says: "`--ca` says whom to trust under https://: it needs such a `--url`.")
        }
    }
}

/// The service's admin listener, as a command reaches it.
struct RunningService: Sendable {
    let endpoint: ServiceEndpoint
    let token: Secret?

    init(_ endpoint: ServiceEndpoint, token: Secret?) {
        self.endpoint = endpoint
        self.token = token
    }

    /// The token is that of the configuration; with an address, that of the environment.
    init(_ location: ServiceLocation, secondsMax: Int = 60) throws {
        guard let url = location.url else {
            let admin = try Settings.source(location.configuration).read(toServe: false).configuration.admin
            guard admin.port != 0 else {
                throw Failed(says: "admin.port is 0, any free port: give the service's address with --url.")
            }
            self.init(
                ServiceEndpoint(host: Self.reachable(admin.address), port: admin.port, secondsMax: secondsMax),
                token: admin.token
            )
            return
        }
        guard let endpoint = ServiceEndpoint(url: url, authorities: location.authorities, secondsMax: secondsMax)
        else {
            let needs = "an address such as http://127.0.0.1:8081 or https://oneway.example, without a path, after it"
            throw UsageError(says: "`--url` needs \(needs).")
        }
        self.init(endpoint, token: try Settings.adminTokenOfTheEnvironment())
    }

    /// A listener bound to every address is reached at this machine's own.
    static func reachable(_ address: IPAddress) -> String {
        switch address.description {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: address.description
        }
    }

    /// Returns an answer of 2xx, and throws for any other.
    func ask(_ method: HTTPRequest.Method, _ path: String, body: [UInt8] = []) async throws -> HTTPAnswer {
        let answer = try await answer(to: method, path, body: body)
        if 200..<300 ~= answer.status { return answer }
        throw Failed(says: says(answer))
    }

    /// The same for what need not be there: nil where there is none.
    func look(_ path: String) async throws -> HTTPAnswer? {
        let answer = try await answer(to: .get, path)
        if answer.status == 404 { return nil }
        if 200..<300 ~= answer.status { return answer }
        throw Failed(says: says(answer))
    }

    private func answer(to method: HTTPRequest.Method, _ path: String, body: [UInt8] = []) async throws -> HTTPAnswer {
        let answer: HTTPAnswer
        do throws(Failed) {
            let headers = token.map { ["Authorization: Bearer \($0.reveal())"] } ?? []
            answer = try await endpoint.send(method, path, headers: headers, body: body)
        } catch {
            throw Failed(says: "\(error.says). Is `oneway serve` running with this configuration?")
        }
        return answer
    }

    private func says(_ answer: HTTPAnswer) -> String {
        guard let problem = try? JSONDocument(answer.body).root, let code = problem["code"]?.string else {
            return "The answer at \(endpoint.place) is not from Oneway's admin listener (status \(answer.status))."
        }
        if answer.status == 401 {
            return token == nil
                ? "The service requires its token: give its configuration with --config, or set ONEWAY_ADMIN_TOKEN."
                : "The service's token is not the one in admin.token (ONEWAY_ADMIN_TOKEN) here."
        }
        return "The service refuses (\(code)): \((problem["detail"]?.string ?? "").printable)"
    }
}
