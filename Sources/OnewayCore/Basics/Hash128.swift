/// A wide hash of bodies: the bytes as coefficients of a polynomial over the integers modulo 2^61 - 1, evaluated at two
/// fixed points.
///
/// Two different bodies of n blocks of seven bytes agree at a random point with a probability of at most n / 2^61, so
/// at both with about 2^-100 for 8 KB. The points are fixed, because every replica and every restart has to agree, so
/// this does not protect against someone who chooses whole bodies: only Dynamics, which authenticates itself, does.
package struct Hash128 {
    private var first = Lane(point: 0x1243_f6a8_885a_308d)
    private var second = Lane(point: 0x0a40_9382_2299_f31d)

    package init() {}

    package var value: (UInt64, UInt64) { (first.sum, second.sum) }

    /// The length is included, so that the same bytes absorbed in parts and at once give different hashes.
    package mutating func absorb(_ bytes: Span<UInt8>) {
        var position = 0
        while position + Lane.groupBytes < bytes.count {
            absorbGroup(bytes, position)
            position += Lane.groupBytes
        }
        var rest = [UInt8](repeating: 0, count: Lane.groupBytes + 1)
        for index in position..<bytes.count { rest[index - position] = bytes[index] }
        absorbGroup(rest.span, 0)
        absorb(UInt64(bytes.count))
    }

    package mutating func absorb(_ word: UInt64) {
        for half in [word >> 32, word & 0xffff_ffff] {
            first.absorb(half)
            second.absorb(half)
        }
    }

    /// There must be one byte after the group.
    @inline(__always) private mutating func absorbGroup(_ bytes: Span<UInt8>, _ position: Int) {
        let blocks = (
            Self.block(bytes, position), Self.block(bytes, position + 7), Self.block(bytes, position + 14),
            Self.block(bytes, position + 21)
        )
        first.absorb(blocks)
        second.absorb(blocks)
    }

    @inline(__always) private static func block(_ bytes: Span<UInt8>, _ position: Int) -> UInt64 {
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        return UInt64(littleEndian: word) & 0x00ff_ffff_ffff_ffff
    }

    /// The polynomial at one point. Four blocks are absorbed at once, so that their products do not wait for each
    /// other.
    private struct Lane {
        static let groupBytes = 28
        private static let prime: UInt64 = (1 << 61) - 1

        private(set) var sum: UInt64 = 0
        private let powers: (UInt64, UInt64, UInt64, UInt64)

        init(point: UInt64) {
            let square = Self.reduced(Self.product(point, point))
            let cube = Self.reduced(Self.product(square, point))
            powers = (point, square, cube, Self.reduced(Self.product(square, square)))
        }

        @inline(__always) mutating func absorb(_ block: UInt64) {
            sum = Self.reduced(Self.product(sum, powers.0) + UInt128(block))
        }

        @inline(__always) mutating func absorb(_ blocks: (UInt64, UInt64, UInt64, UInt64)) {
            // At most 2^122 + 3 * 2^117 + 2^56: far from overflow.
            sum = Self.reduced(
                Self.product(sum, powers.3) &+ Self.product(blocks.0, powers.2) &+ Self.product(blocks.1, powers.1)
                    &+ Self.product(blocks.2, powers.0) &+ UInt128(blocks.3)
            )
        }

        @inline(__always) private static func product(_ left: UInt64, _ right: UInt64) -> UInt128 {
            UInt128(left) &* UInt128(right)
        }

        @inline(__always) private static func reduced(_ value: UInt128) -> UInt64 {
            let low = UInt64(truncatingIfNeeded: value) & prime
            let high = UInt64(truncatingIfNeeded: value >> 61)
            let sum = low + (high & prime) + (high >> 61)
            let folded = (sum & prime) + (sum >> 61)
            return folded == prime ? 0 : folded
        }
    }
}
