package import OnewayCore

extension MirrorRecord {
    /// The facts of a row, as `init(row:readAt:)` has them, R2 included.
    package init?(row: DynamicsRow, readAt: Timestamp, _ marketoUsers: Set<GUID>) {
        self.init(row: row, readAt: readAt)
        markRefused(row, creators: marketoUsers, now: readAt)
    }

    /// Dynamics does not have it.
    package init(gone key: RecordKey, now: Timestamp) {
        self.init(key)
        markDeleted(atSecond: now.second)
    }
}
