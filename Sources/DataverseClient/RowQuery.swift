public import OnewayCore

/// Which rows of a table to read: all of them, unless it says less.
public struct RowQuery: Hashable, Sendable {
    /// Modified then or later.
    public var from: Timestamp?
    /// Modified before.
    public var to: Timestamp?
    /// Of connections, those from an opportunity to a contact: all others are of no interest, and the mirror rows of
    /// these are among them.
    public var isOfStakeholders = false

    public init(from: Timestamp? = nil, to: Timestamp? = nil, isOfStakeholders: Bool = false) {
        (self.from, self.to, self.isOfStakeholders) = (from, to, isOfStakeholders)
    }

    /// The value of `$filter`, not encoded. `modifiedon` has whole seconds.
    var filter: String? {
        let parts = [
            from.map { "modifiedon ge \(Timestamp(second: $0.second))" },
            to.map { "modifiedon lt \(Timestamp(second: $0.second))" },
            isOfStakeholders ? "record1objecttypecode eq 3 and record2objecttypecode eq 2" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }
}
