/// The limits of the store. Anything beyond them is refused with `diskFull`, or gives way to newer rows.
public struct StoreLimits: Hashable, Sendable {
    /// Applied rows are pruned first; once the rows that are not applied exceed this alone, appends are refused.
    public var inboxBytesMax: Int64
    public var diskFreeBytesMin: Int64
    /// The oldest gives way to the newest.
    public var ignoredRowsMax: Int64
    public var quarantinedRowsMax: Int64
    public var quarantinedBytesMax: Int64
    public var refusalRowsMax: Int64

    public init(
        inboxBytesMax: Int64 = 4096 << 20,
        diskFreeBytesMin: Int64 = 256 << 20,
        ignoredRowsMax: Int64 = 10_000,
        quarantinedRowsMax: Int64 = 1_000,
        quarantinedBytesMax: Int64 = 64 << 20,
        refusalRowsMax: Int64 = 10_000
    ) {
        self.inboxBytesMax = inboxBytesMax
        self.diskFreeBytesMin = diskFreeBytesMin
        self.ignoredRowsMax = ignoredRowsMax
        self.quarantinedRowsMax = quarantinedRowsMax
        self.quarantinedBytesMax = quarantinedBytesMax
        self.refusalRowsMax = refusalRowsMax
    }
}
