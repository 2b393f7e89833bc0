/// Why some bytes are not a single JSON document, and where. Never contains text of the document.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte at which reading stopped.
    public let offset: Int
    public let says: String

    public var description: String { "at byte \(offset): \(says)" }
}
