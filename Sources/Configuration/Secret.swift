/// A value that is never printed, and that is compared in a time that reveals nothing about it.
public struct Secret: Sendable {
    public static let bytesMax = 4096

    /// Zero-padded to a power of two, at least 256: the time of a comparison may reveal no more than that.
    private let bytes: [UInt8]
    private let count: Int

    public init(_ text: String) {
        let text = Array(text.utf8)
        var room = 256
        while room < text.count { room *= 2 }
        count = text.count
        bytes = text + [UInt8](repeating: 0, count: room - text.count)
    }

    public var isEmpty: Bool { count == 0 }

    /// Returns the text itself, for sending it.
    public func reveal() -> String { String(decoding: bytes[..<count], as: UTF8.self) }

    /// Takes a time that depends on the candidate's length alone. An empty secret matches nothing.
    public func matches(_ candidate: some RandomAccessCollection<UInt8>) -> Bool {
        let mask = bytes.count - 1
        var difference = UInt(bitPattern: count ^ candidate.count)
        var index = 0
        for byte in candidate {
            difference |= UInt(bytes[index & mask] ^ byte)
            index += 1
        }
        return difference == 0 && count > 0
    }

    public func matches(_ candidate: String) -> Bool { matches(Array(candidate.utf8)) }

    /// The length may be revealed here: keys shorter than `advisedBytesMin` cause a warning.
    static let advisedBytesMin = 16
    var isShort: Bool { count < Self.advisedBytesMin }
}

extension Sequence<Secret> {
    /// Compares with every one of them, so that the time does not reveal which one matched.
    public func matches(_ candidate: [UInt8]) -> Bool {
        reduce(false) { found, secret in
            let matches = secret.matches(candidate)
            return found || matches
        }
    }

    public func matches(_ candidate: String) -> Bool { matches(Array(candidate.utf8)) }
}

extension Secret: Equatable {
    public static func == (left: Secret, right: Secret) -> Bool {
        left.isEmpty && right.isEmpty || left.matches(right.bytes[..<right.count])
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
