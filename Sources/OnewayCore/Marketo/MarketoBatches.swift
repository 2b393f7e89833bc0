/// Splits records into calls that Marketo accepts.
public enum MarketoBatches {
    public static let recordsMax = 300
    /// Marketo's limit is 1 MB; the envelope around the records counts too.
    public static let bodyBytesMax = 1_000_000
    static let envelopeBytes = 1000

    /// In the same order, as few as possible. A record that is too large on its own gets a call of its own: Marketo
    /// decides what happens to it.
    public static func cut<Record>(_ records: [Record], bytes: (Record) -> Int) -> [ArraySlice<Record>] {
        var batches: [ArraySlice<Record>] = []
        var start = 0
        var filled = envelopeBytes
        for (index, record) in records.enumerated() {
            let size = bytes(record) + 1
            if index > start, index - start == recordsMax || filled + size > bodyBytesMax {
                batches.append(records[start..<index])
                (start, filled) = (index, envelopeBytes)
            }
            filled += size
        }
        if start < records.count { batches.append(records[start...]) }
        return batches
    }

    /// Halves a batch to find the record that makes the whole call fail. A single record cannot be halved: nil.
    public static func halved<Record>(_ batch: ArraySlice<Record>) -> (ArraySlice<Record>, ArraySlice<Record>)? {
        guard batch.count > 1 else { return nil }
        let middle = batch.startIndex + batch.count / 2
        return (batch[..<middle], batch[middle...])
    }
}
