/// Estimates how many different ids there are among many, in little memory: from the smallest of their hashes, which are
/// the denser the more there are. Off by a few percent; exact below `kept`.
public struct DistinctEstimate: Sendable {
    static let kept = 1_024

    /// The smallest, ascending.
    private var smallest: [UInt64] = []

    public init() {}

    public mutating func add(_ id: GUID) {
        let hash = Self.hash(id)
        if smallest.count == Self.kept, let last = smallest.last, hash >= last { return }
        var (low, high) = (0, smallest.count)
        while low < high {
            let middle = (low + high) / 2
            if smallest[middle] < hash { low = middle + 1 } else { high = middle }
        }
        if low < smallest.count, smallest[low] == hash { return }
        smallest.insert(hash, at: low)
        if smallest.count > Self.kept { smallest.removeLast() }
    }

    public var count: Int {
        guard smallest.count == Self.kept, let last = smallest.last else { return smallest.count }
        return Int(Double(Self.kept - 1) / (Double(last) / Double(UInt64.max)))
    }

    /// Ids of one table are often alike but for a few digits.
    private static func hash(_ id: GUID) -> UInt64 { mixed(mixed(id.high) ^ id.low) }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
