import Glibc

/// A numeric address to listen on.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    /// Only this machine can reach it.
    public let isLoopback: Bool
    /// All addresses of this machine, so that nobody can call it by this one.
    public let isEverywhere: Bool

    /// Nil unless it is an IPv4 or IPv6 address in digits.
    public init?(_ text: String) {
        if let bytes = Self.bytes(of: text, family: AF_INET, count: 4) {
            isLoopback = bytes[0] == 127
            isEverywhere = bytes.allSatisfy { $0 == 0 }
        } else if let bytes = Self.bytes(of: text, family: AF_INET6, count: 16) {
            let isMapped = bytes[..<12].elementsEqual(Self.mappedPrefix) && bytes[12] == 127
            isLoopback = isMapped || bytes.elementsEqual(Self.loopback6)
            isEverywhere = bytes.allSatisfy { $0 == 0 }
        } else {
            return nil
        }
        description = text
    }

    static let everywhere = IPAddress(description: "0.0.0.0", isLoopback: false, isEverywhere: true)
    public static let loopback = IPAddress(description: "127.0.0.1", isLoopback: true, isEverywhere: false)

    private init(description: String, isLoopback: Bool, isEverywhere: Bool) {
        (self.description, self.isLoopback, self.isEverywhere) = (description, isLoopback, isEverywhere)
    }

    private static let mappedPrefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
    private static let loopback6: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]

    private static func bytes(of text: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let code = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) }
        return code == 1 && !text.utf8.contains(0) ? bytes : nil
    }
}
