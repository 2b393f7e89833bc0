package import OnewayCore

extension MirrorRecord {
    /// The facts of a row, as `init(row:readAt:)` has them. R2: an opportunity that one of these users created is refused,
    /// however it is found.
    package init?(row: DynamicsRow, readAt: Timestamp, _ marketoUsers: Set<GUID>) {
        self.init(row: row, readAt: readAt)
        guard key.entity == .opportunity, let user = row.createdBy, marketoUsers.contains(user) else { return }
        let created = if case .time(let time)? = row.columns["createdon"] { time.second } else { readAt.second }
        markRefused(Refusal(second: created, user: user))
    }

    /// Dynamics does not have it, or does not show it.
    package init(gone key: RecordKey, now: Timestamp) {
        self.init(key)
        markDeleted(atSecond: now.second)
    }
}
