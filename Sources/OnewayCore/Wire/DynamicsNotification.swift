/// What Dynamics says happened: the envelope, and what it tells of each record.
public struct DynamicsNotification: Sendable {
    public let envelope: Envelope
    /// Empty where there is nothing to act on: ignored, or sent before the operation.
    public internal(set) var changes: [RecordChange] = []
    /// Authentic, but of no interest, and why.
    public internal(set) var ignored: Reason?
    /// Dynamics cut the body because it was too large: the records changed, and have to be asked for.
    public internal(set) var isCut = false
    /// The text was encoded twice, and has been repaired.
    public internal(set) var isRepaired = false
    /// What a reader should know about how this was read.
    public internal(set) var reasons: [Reason] = []

    /// The record it is about; of several the first.
    public var record: RecordKey? { changes.first?.key }
}

/// What one notification tells of one record.
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
    /// Selected attributes of a kind that no field can hold: left out.
    public internal(set) var notUnderstood = 0

    public init(source: Stamp.Source) { self.source = source }

    subscript(_ name: String) -> Value? { attributes.first { $0.name == name }?.value }
}

/// One column's value, as a notification tells it.
public struct Attribute: Hashable, Sendable {
    public let name: String
    public let value: Value
}
