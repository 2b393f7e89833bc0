/// Identifies a notification: deliveries with the same operation, step, message, record, and body are duplicates. One
/// save can send two different Updates with one operation id, so the body is always part of it.
public struct NotificationIdentity: Hashable, Sendable {
    /// The operation's second and id, then a hash of the rest; without an operation id, only the hash of the body.
    ///
    /// The second comes first, so that notifications that arrive together are close together in an index.
    public let bytes: [UInt8]

    /// The envelope is nil if the body has no readable one.
    public init(body: [UInt8], envelope: Envelope?) {
        var hash = Hash128()
        hash.absorb(body.span)
        var bytes = ByteWriter()
        if let envelope, let operation = envelope.operationId {
            let second = UInt32(truncatingIfNeeded: envelope.operationCreatedOn?.moment.second ?? 0)
            for shift in [24, 16, 8, 0] { bytes.byte(UInt8(truncatingIfNeeded: second >> UInt32(shift))) }
            bytes.guid(operation)
            for id in [envelope.stepId ?? .zero, envelope.primaryEntityId ?? .zero] {
                hash.absorb(id.high)
                hash.absorb(id.low)
            }
            hash.absorb(Array(envelope.messageName.utf8).span)
            hash.absorb(Array(envelope.primaryEntityName.utf8).span)
        }
        bytes.guid(GUID(high: hash.value.0, low: hash.value.1))
        self.bytes = bytes.bytes
    }
}
