/// An `http` or `https` address, split into the parts that a setting may have: no user, query, or fragment.
public struct WebAddress {
    public let isSecure: Bool
    /// Lower case; an IPv6 address without its brackets.
    let host: String
    public let port: Int?
    /// Begins with `/`, or is empty.
    public var path: String

    public init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        switch text[..<colon.lowerBound].lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: return nil
        }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        path = String(rest.dropFirst(authority.count))
        guard let (host, port) = Self.split(authority), path.utf8.allSatisfy(Self.isPathByte) else { return nil }
        (self.host, self.port) = (host, port)
    }

    public var isLoopback: Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

    public var text: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(shown)\(port.map { ":\($0)" } ?? "")\(path)"
    }

    private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        let host: Substring
        var tail: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            tail = authority[authority.index(after: end)...]
            guard host.contains(":"), IPAddress(String(host)) != nil else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            tail = authority.dropFirst(host.count)
            guard isHostName(host) else { return nil }
        }
        if tail.isEmpty { return (host.lowercased(), nil) }
        tail = tail.dropFirst()
        guard let port = Int(tail), (1...65_535).contains(port), tail.utf8.allSatisfy(isDigit) else { return nil }
        return (host.lowercased(), port)
    }

    static func isHostName(_ text: some StringProtocol) -> Bool {
        let isWritten = text.utf8.allSatisfy {
            isLetterOrDigit($0) || [UInt8(ascii: "-"), UInt8(ascii: ".")].contains($0)
        }
        return isWritten && (1...253).contains(text.utf8.count) && !text.hasPrefix(".") && !text.hasPrefix("-")
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "/-._~%!$&'()*+,;=:@".utf8.contains(byte)
    }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}
