extension MirrorRecord {
    /// The facts of a row that was read at this time, by Dynamics' clock, or later. It exists, and its values are those
    /// of the second in which it was last modified.
    ///
    /// Nil if the row is not settled: then nothing is certain yet, and it has to be read again.
    /// - Parameter endsDoubt: Whether it was read because a transaction may have been rolled back. A value that was told
    ///   earlier than any transaction lasts, and is not in the row, is not true: the row's values are as new as that.
    public init?(row: DynamicsRow, readAt: Timestamp, endsDoubt: Bool = false) {
        guard row.isSettled(readAt: readAt), let modifiedOn = row.modifiedOn else { return nil }
        self.init(row.key)
        let over = endsDoubt ? readAt.second - Self.transactionSecondsMax : .min
        let second = max(modifiedOn.second, over)
        learn(row, Stamp(second: second, source: .reading, rowVersion: row.rowVersion))
        markRevived(atSecond: readAt.second)
    }

    /// The facts of a row of a file that was exported from Dynamics some time ago: the record may have been deleted since.
    /// Without its time of change, they only fill in what nobody has told.
    public init(exported row: DynamicsRow, now: Timestamp) {
        self.init(row.key)
        let stamp =
            row.modifiedOn.map { Stamp(second: $0.second, source: .reading, rowVersion: row.rowVersion) }
            ?? Stamp(second: now.second, source: .preImage)
        learn(row, stamp)
    }

    /// R2: an opportunity that one of these users created is refused, however it is found.
    public mutating func markRefused(_ row: DynamicsRow, creators: Set<GUID>, now: Timestamp) {
        guard key.entity == .opportunity, let user = row.createdBy, creators.contains(user) else { return }
        let created = if case .time(let time)? = row.columns["createdon"] { time.second } else { now.second }
        markRefused(Refusal(second: created, user: user))
    }

    /// Without the values that only fill in what is unknown, and are known already: told again at another time, they would
    /// count as changes.
    public func withoutFilling(_ known: MirrorRecord?) -> MirrorRecord {
        var news = self
        news.attributes = attributes.filter { column, told in !told.stamp.fills || known?[column] != told.value }
        return news
    }

    private mutating func learn(_ row: DynamicsRow, _ stamp: Stamp) {
        for (column, value) in row.columns { learn(column, StampedValue(value, stamp)) }
        for (lookup, name) in row.lookupNames {
            guard let (target, id) = row.columns[lookup]?.reference, Self.isNamedHere(target) else { continue }
            learn(LookupName.column(of: lookup), StampedValue(LookupName(id: id, name: name).value, stamp))
        }
        markFormByCustomer()
    }

    /// Accounts and contacts have their own name in the mirror.
    private static func isNamedHere(_ target: String) -> Bool {
        ![Entity.account.rawValue, Entity.contact.rawValue].contains(target)
    }
}
