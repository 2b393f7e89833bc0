extension Ledger {
    public typealias StaleRecords = RowSet<RecordKey, StaleRecord>

    /// Removes records whose change has reached everything before adding new ones: a record that changed again starts
    /// over.
    public static func mark(stale: [StaleRecord], fresh: [RecordKey], in rows: inout StaleRecords) {
        for key in fresh { rows[key] = nil }
        for record in stale { rows[record.key] = record.over(rows[record.key]) }
    }

    /// The parts of a record that a store writes: unchanged references cost nothing.
    public struct Mirrored: Hashable, Sendable {
        public let record: MirrorRecord
        public let added: [Reference]
        public let removed: [Reference]
    }

    /// If a record is given twice, the last one counts.
    public static func mirror(
        _ records: [(record: MirrorRecord, references: [Reference])],
        known: [RecordKey: Set<Reference>]
    ) -> [Mirrored] {
        let last = Dictionary(records.map { ($0.record.key, $0) }, uniquingKeysWith: { $1 })
        var seen = Set<RecordKey>()
        return records.compactMap { entry in
            guard seen.insert(entry.record.key).inserted, let (record, references) = last[entry.record.key] else {
                return nil
            }
            let (known, wanted) = (known[record.key] ?? [], Set(references))
            return Mirrored(
                record: record,
                added: Array(wanted.subtracting(known)),
                removed: Array(known.subtracting(wanted))
            )
        }
    }
}
