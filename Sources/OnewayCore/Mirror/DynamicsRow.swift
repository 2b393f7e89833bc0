/// One record as Dynamics' Web API gives it.
public struct DynamicsRow: Hashable, Sendable {
    public let key: RecordKey
    /// From its etag: every later state of the record has a higher one.
    public let rowVersion: UInt64?
    /// Nil if Dynamics gave none, which it never does for a record that people can change.
    public let modifiedOn: Timestamp?
    /// Who created it, as R2 asks.
    public let createdBy: GUID?
    /// By logical name, as the mirror has them. Everything that was asked for is here, `null` if it is empty.
    public let columns: [String: Value]
    /// The names of look-ups' targets, by the look-up's logical name, where they were asked for.
    public let lookupNames: [String: String]

    public init(
        _ key: RecordKey,
        rowVersion: UInt64?,
        modifiedOn: Timestamp?,
        createdBy: GUID? = nil,
        columns: [String: Value],
        lookupNames: [String: String] = [:]
    ) {
        self.key = key
        self.rowVersion = rowVersion
        self.modifiedOn = modifiedOn
        self.createdBy = createdBy
        self.columns = columns
        self.lookupNames = lookupNames
    }

    /// Whether the record was last modified before the second in which it was read. If not, it may have changed again in
    /// that second after it was read, with the same `modifiedon`: it must be read once more before it counts as newest.
    public func isSettled(readAt: Timestamp) -> Bool {
        guard let modifiedOn else { return false }
        return modifiedOn.second < readAt.second
    }

    /// The look-up whose target's name a column of the mirror holds: `ownerid` for `ownerid.name`. Nil for a column of
    /// Dynamics.
    public static func lookup(namedBy column: String) -> String? {
        guard LookupName.isColumn(column), let dot = column.lastIndex(of: ".") else { return nil }
        return String(column[..<dot])
    }
}
