extension MirrorRecord {
    /// The facts of a row that was read at this time, by Dynamics' clock, or later. It exists, and its values are those
    /// of the second in which it was last modified.
    ///
    /// Nil if the row is not settled: then nothing is certain yet, and it has to be read again.
    public init?(row: DynamicsRow, readAt: Timestamp) {
        guard row.isSettled(readAt: readAt), let modifiedOn = row.modifiedOn else { return nil }
        self.init(row.key)
        let stamp = Stamp(second: modifiedOn.second, source: .reading, rowVersion: row.rowVersion)
        for (column, value) in row.columns { learn(column, StampedValue(value, stamp)) }
        for (lookup, name) in row.lookupNames {
            guard let (target, id) = row.columns[lookup]?.reference, Self.isNamedHere(target) else { continue }
            learn(LookupName.column(of: lookup), StampedValue(LookupName(id: id, name: name).value, stamp))
        }
        markFormByCustomer()
        markRevived(atSecond: readAt.second)
    }

    /// Accounts and contacts have their own name in the mirror.
    private static func isNamedHere(_ target: String) -> Bool {
        ![Entity.account.rawValue, Entity.contact.rawValue].contains(target)
    }
}
