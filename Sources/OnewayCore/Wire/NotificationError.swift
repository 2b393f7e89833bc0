/// Why a body cannot be acted on. Never contains text of the body.
public struct NotificationError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// Not one JSON object in UTF-8.
        case malformed
        /// JSON, but not a notification that can be acted on.
        case unusable
    }

    public let kind: Kind
    public let says: String
    /// The byte at which reading a malformed body stopped.
    public let offset: Int?
    /// The JSON pointer of the problem in an unusable body.
    public let pointer: String?
    /// The part that could be read nevertheless: it decides about R2 and about synchronous steps.
    public let envelope: Envelope?

    public var description: String {
        switch kind {
        case .malformed: "at byte \(offset ?? 0): \(says)"
        case .unusable: "at \(pointer ?? "/"): \(says)"
        }
    }

    static func malformed(_ error: JSONError) -> NotificationError {
        NotificationError(kind: .malformed, says: error.says, offset: error.offset, pointer: nil, envelope: nil)
    }

    static func unusable(_ pointer: String, _ says: String, _ envelope: Envelope) -> NotificationError {
        NotificationError(kind: .unusable, says: says, offset: nil, pointer: pointer, envelope: envelope)
    }
}
