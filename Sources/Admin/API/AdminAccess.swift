package import Configuration
package import HTTPServer
package import Reading

/// Access to the admin listener: for anyone with the token or, if none is configured, anyone on this machine; never for
/// another site.
package struct AdminAccess: Sendable {
    let token: Secret?
    /// Names besides the loopback ones under which a browser may reach the listener when there is no token.
    let hosts: [String]

    package init(token: Secret?, hosts: [String]) {
        self.token = token
        self.hosts = hosts
    }

    /// Nil: access is granted.
    package func refusal(of head: RequestHead) -> Problem? {
        if isCrossSite(head) {
            return Problem(.crossSite, "Another site sent this; the admin listener answers its own pages only.")
        }
        guard let token else {
            if isOurName(head.headers["host"]) { return nil }
            return Problem(
                .crossSite,
                "This name is not one of the admin listener's: use localhost, or add the name to admin.hosts."
            )
        }
        let sent = head.headers["authorization"].flatMap(Self.password(in:))
        if let sent, token.matches(sent) { return nil }
        return Problem(.unauthorized, "Send the token: `Authorization: Bearer ...`, or as password in a browser.").with
        {
            $0.headers = [("WWW-Authenticate", "Basic realm=\"oneway\"")]
        }
    }

    /// Browsers say where a request comes from; curl and Prometheus say nothing.
    private func isCrossSite(_ head: RequestHead) -> Bool {
        if let site = head.headers["sec-fetch-site"], site != "same-origin", site != "none" { return true }
        guard let origin = head.headers["origin"] else { return false }
        guard let host = head.headers["host"]?.lowercased() else { return true }
        return !["http://" + host, "https://" + host].contains(origin.lowercased())
    }

    private func isOurName(_ host: String?) -> Bool {
        guard let name = host.map(Self.withoutPort)?.lowercased() else { return false }
        if name == "localhost" || name == "[::1]" || hosts.contains(where: { $0.lowercased() == name }) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func withoutPort(_ host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) else {
            return host
        }
        return String(host[..<colon])
    }

    /// `Bearer TOKEN`, or `Basic` with the token as password and any name.
    private static func password(in authorization: String) -> String? {
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        switch words[0].lowercased() {
        case "bearer": return String(words[1])
        case "basic":
            guard let text = Base64.decoded(words[1]), let colon = text.firstIndex(of: ":") else { return nil }
            return String(text[text.index(after: colon)...])
        default: return nil
        }
    }
}
