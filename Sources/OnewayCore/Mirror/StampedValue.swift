/// The state of one attribute: the newest value, its stamp, and whether reports from the same second contradict it.
///
/// Merging is a join: commutative, associative, idempotent, so the order of arrival never shows (R7).
public struct StampedValue: Hashable, Sendable {
    public private(set) var value: Value
    public private(set) var stamp: Stamp
    public private(set) var clock: TimeOrigin
    /// Nil where no other value was reported in the newest value's second, which is nearly always.
    private(set) var claims: Claims?

    public init(_ value: Value, _ stamp: Stamp, _ clock: TimeOrigin = .modifiedOn) {
        self.value = value
        self.stamp = stamp
        self.clock = clock
    }

    init(_ value: Value, _ stamp: Stamp, _ clock: TimeOrigin, claims: Claims?) {
        self.init(value, stamp, clock)
        self.claims = claims
    }

    /// Two Targets, or a Target and an image with a row version, reported different values in this second, and not both
    /// have a row version: only Dynamics knows which is newer.
    public var isUnsure: Bool { claims?.isUnsure ?? false }

    public mutating func merge(_ other: StampedValue) {
        let sameSecond = stamp.fills == other.stamp.fills && stamp.second == other.stamp.second
        guard sameSecond else {
            if stamp < other.stamp { self = other }
            return
        }
        let all = allClaims.joined(other.allClaims)
        if isOlder(than: other) { self = other }
        claims = all == ownClaim ? nil : all
    }

    /// R7's tuple as a whole. The origin of the time comes last, so that equal values are equal in every part.
    func isOlder(than other: StampedValue) -> Bool {
        if stamp != other.stamp { return stamp < other.stamp }
        return value == other.value ? clock > other.clock : value < other.value
    }

    private var allClaims: Claims { claims ?? ownClaim }

    private var ownClaim: Claims {
        switch stamp.source {
        case .target where stamp.rowVersion == nil: Claims(plain: [value.withoutTrailingZeros])
        case .target: Claims(versioned: [value.withoutTrailingZeros])
        case .postImage where stamp.rowVersion != nil: Claims(versioned: [value.withoutTrailingZeros])
        case .reading: Claims(isSettled: true)
        default: Claims()
        }
    }
}

/// The values that Targets and images reported for one attribute in one second, as far as `isUnsure` needs them.
///
/// A plain flag would not be associative. Two distinct values of each kind are enough: the two smallest of a union are
/// the two smallest of each part's two smallest, and a third cannot change the result.
struct Claims: Hashable, Sendable {
    /// Ascending; reported without a row version.
    var plain: [Value] = []
    /// Ascending; reported with one.
    var versioned: [Value] = []
    /// The record was read after this second had passed: its Targets no longer matter.
    var isSettled = false

    var isUnsure: Bool {
        guard let first = plain.first else { return false }
        return plain.count > 1 || versioned.contains { $0 != first }
    }

    func joined(_ other: Claims) -> Claims {
        if self == other { return self }
        if isSettled || other.isSettled { return Claims(isSettled: true) }
        return Claims(
            plain: Self.twoSmallest(plain, other.plain),
            versioned: Self.twoSmallest(versioned, other.versioned)
        )
    }

    private static func twoSmallest(_ left: [Value], _ right: [Value]) -> [Value] {
        Array((left + right.filter { !left.contains($0) }).sorted().prefix(2))
    }
}
