// Kinds for the names and addresses of Dynamics, Marketo, and HTTP.

extension Kind where Value == String {
    static var file: Kind { matching("the path of a file") { _ in true } }

    /// A column's logical name.
    static var column: Kind {
        matching("a column's logical name, such as new_region") { name in
            name.utf8.count <= 128 && name.utf8.first.map { !isDigit($0) } == true
                && name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") } && name == name.lowercased()
        }
    }

    static var marketoField: Kind {
        matching("a Marketo field's API name, such as closeDate") { name in
            name.utf8.count <= 255 && name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
        }
    }

    static var headerName: Kind {
        scalar("a header's name", show: \.self) { name in
            let isToken = name.utf8.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
            return isToken && (1...200).contains(name.utf8.count) ? name.lowercased() : nil
        }
    }

    static var hostName: Kind {
        scalar("a host's name without port", show: \.self) { name in
            WebAddress.isHostName(name) ? name.lowercased() : nil
        }
    }

    static var guid: Kind { scalar("a GUID", show: \.self, normalizedGUID) }

    static var organization: Kind {
        scalar("an organisation's id, unique name, or host", show: \.self) { text in
            guard isOneLine(text, bytesMax: 253) else { return nil }
            if let guid = normalizedGUID(text) { return guid }
            return WebAddress(text)?.host ?? text.lowercased()
        }
    }

    /// An address that is used as given, except for a slash at its end.
    static var webAddress: Kind {
        scalar("an https address (http on loopback only)", show: \.self) { text in
            safeWebAddress(text).map { $0.path.hasSuffix("/") ? String($0.text.dropLast()) : $0.text }
        }
    }

    /// Dynamics' pages for developers show it with `/api/data/v9.2` at its end, and browsers with `/main.aspx`; both are
    /// removed. It is also the name by which a token is asked for, so nothing else may follow.
    static var environment: Kind {
        scalar(
            "an https address such as https://contoso.crm.dynamics.com (http on loopback only)",
            show: \.self
        ) { text in
            guard var address = safeWebAddress(text) else { return nil }
            let path = address.path.hasSuffix("/") ? String(address.path.dropLast()) : address.path
            guard path.isEmpty || path == "/main.aspx" || path == "/api/data" || path.hasPrefix("/api/data/v") else {
                return nil
            }
            address.path = ""
            return address.text
        }
    }

    static var tenant: Kind {
        scalar("a tenant's id or domain, such as contoso.onmicrosoft.com", show: \.self) { text in
            if let guid = normalizedGUID(text) { return guid }
            return WebAddress.isHostName(text) && text.contains(".") ? text.lowercased() : nil
        }
    }

    /// Marketo's screens show it with `/rest` or `/identity` at its end, which is removed.
    static var marketoEndpoint: Kind {
        scalar(
            "an https address such as https://123-ABC-456.mktorest.com (http on loopback only)",
            show: \.self
        ) { text in
            guard var address = safeWebAddress(text) else { return nil }
            while let ending = ["/", "/rest", "/identity"].first(where: { address.path.hasSuffix($0) }) {
                address.path = String(address.path.dropLast(ending.count))
            }
            return address.text
        }
    }
}

extension Kind where Value == Secret {
    /// A webhook's address. Its path or query holds its key.
    static var postAddress: Kind {
        .scalar("an https address (http on loopback only)", isSecret: true, show: { _ in "" }) { text in
            let address = text.prefix { $0 != "?" }
            let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }
            guard isPlain, text.utf8.count <= Secret.bytesMax, safeWebAddress(String(address)) != nil else {
                return nil
            }
            return Secret(text)
        }
    }
}

extension Kind where Value == IPAddress {
    static var address: Kind {
        scalar("an IP address such as 127.0.0.1 or ::", show: \.description) { IPAddress($0) }
    }
}

extension Kind where Value == Configuration.Store {
    static var store: Kind {
        scalar(
            "sqlite:PATH, postgresql://USER@HOST/DATABASE, or memory",
            show: { $0 == .memory ? "memory" : "sqlite:oneway.db" }
        ) { text in
            guard isOneLine(text, bytesMax: 4096) else { return nil }
            if text == "memory" || text == "memory:" { return .memory }
            if text.hasPrefix("sqlite:"), text.utf8.count > 7 { return .sqlite(path: String(text.dropFirst(7))) }
            let isPostgreSQL = ["postgresql://", "postgres://"].contains { text.hasPrefix($0) && text != $0 }
            return isPostgreSQL ? .postgreSQL(Secret(text)) : nil
        }
    }
}

extension Kind where Value == Configuration.Literal {
    /// The schema leaves the type open here, so only here do quotes make a text.
    static var literal: Kind {
        Kind(expects: "true, false, a number, or text", show: { _ in "true" }) { node, findings in
            guard case .scalar(let text, let isQuoted) = node.value, !node.isNull else {
                findings.refuse(node, expected: "true, false, a number, or text")
                return nil
            }
            if !isQuoted, text == "true" || text == "false" { return .yesNo(text == "true") }
            return !isQuoted && isNumber(text) ? .number(text) : .text(text)
        }
    }
}

/// Accepts braces, parentheses, capitals, and missing dashes: Dynamics' tools show GUIDs in all these ways.
@Sendable func normalizedGUID(_ text: String) -> String? {
    var digits = text.lowercased()[...]
    for (open, close) in [("{", "}"), ("(", ")")] where digits.hasPrefix(open) && digits.hasSuffix(close) {
        digits = digits.dropFirst().dropLast()
    }
    let parts = digits.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 1 || parts.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
    let hex = Array(parts.joined())
    guard hex.count == 32, hex.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
    return [hex[..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20...]].map { String($0) }.joined(separator: "-")
}

private func safeWebAddress(_ text: String) -> WebAddress? {
    guard let address = WebAddress(text), address.isSecure || address.isLoopback else { return nil }
    return address
}

/// Digits with an optional sign and fraction.
private func isNumber(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }
}
