/// A look-up that the rules must follow backwards, as from an account to the opportunities that name it.
public struct Reference: Hashable, Sendable {
    public let attribute: String
    public let to: RecordKey

    public init(_ attribute: String, to: RecordKey) {
        self.attribute = attribute
        self.to = to
    }
}
