/// A change that Dynamics reports: the envelope, and its content for each record.
public struct DynamicsNotification: Sendable {
    public let envelope: Envelope
    /// Empty if there is nothing to act on: ignored, or sent before the operation.
    public internal(set) var changes: [RecordChange] = []
    /// Why it is of no interest, though authentic.
    public internal(set) var ignored: Reason?
    /// Dynamics cut the body because it was too large: the records changed, and have to be read.
    public internal(set) var isCut = false
    /// The text was encoded twice, and has been repaired.
    public internal(set) var isRepaired = false
    /// Remarks for the reader on how it was decoded.
    public internal(set) var reasons: [Reason] = []

    /// The record it is about; the first if there are several.
    public var record: RecordKey? { changes.first?.key }
}

/// The content of one notification for one record.
public struct RecordChange: Hashable, Sendable {
    public enum Kind: Sendable { case created, updated, deleted }

    public let key: RecordKey
    public let kind: Kind
    /// From the Target and the images, each with its rank.
    public internal(set) var attributeSets: [AttributeSet] = []
}

/// Attributes from one source.
public struct AttributeSet: Hashable, Sendable {
    public let source: Stamp.Source
    public internal(set) var attributes: [Attribute] = []
    public internal(set) var rowVersion: UInt64?
    public internal(set) var modifiedOn: Timestamp?
    /// The number of selected attributes left out because no field can hold their kind.
    public internal(set) var notUnderstood = 0

    public init(source: Stamp.Source) { self.source = source }

    subscript(_ name: String) -> Value? { attributes.first { $0.name == name }?.value }
}

/// One column's value in a notification.
public struct Attribute: Hashable, Sendable {
    public let name: String
    public let value: Value
}
