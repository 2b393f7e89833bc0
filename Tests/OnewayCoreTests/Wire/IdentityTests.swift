import TestSupport
import Testing

@testable import OnewayCore

@Suite struct IdentityTests {
    static func identity(_ wire: Wire) throws -> NotificationIdentity {
        NotificationIdentity(body: wire.body, envelope: try Envelope.peek(wire.body))
    }

    @Test func aRepetitionIsTheSame() throws {
        let wire = Wire(attributes: [("name", "\"N\"")])
        #expect(try Self.identity(wire) == Self.identity(wire))
    }

    @Test func oneOperationMaySendDifferentUpdates() throws {
        let (first, second) = (Wire(attributes: [("name", "\"A\"")]), Wire(attributes: [("name", "\"B\"")]))
        #expect(try Self.identity(first) != Self.identity(second))
        #expect(try Self.identity(first).bytes.prefix(16) == Self.identity(second).bytes.prefix(16))
    }

    @Test func everyPartCounts() throws {
        let step = Wire.reference("sdkmessageprocessingstep", "d0e00002-5bb1-ef11-b8e8-000d3a2b4c6d")
        let variants = [
            Wire(), Wire(message: "Create"), Wire(entity: "account"), Wire(id: Wire.contactC),
            Wire(envelope: ["OwningExtension": step]), Wire(envelope: ["OperationId": "\"\(Wire.contactC)\""]),
            Wire(envelope: ["OperationId": nil]), Wire(envelope: ["Depth": "2"]),
        ]
        #expect(Set(try variants.map(Self.identity)).count == variants.count)
    }

    @Test func withoutAnOperationTheBodyAloneCounts() throws {
        let wire = Wire(envelope: ["OperationId": nil])
        #expect(try Self.identity(wire) == NotificationIdentity(body: wire.body, envelope: nil))
        #expect(try Self.identity(wire).bytes.count == 16)
        #expect(try Self.identity(Wire()).bytes.count == 36)
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt64] {
        var hash = Hash128()
        hash.absorb(bytes.span)
        return [hash.value.0, hash.value.1]
    }

    /// The polynomial as defined, one block of seven bytes at a time.
    @Test(arguments: [0, 1, 6, 7, 8, 27, 28, 29, 55, 56, 57, 84, 1_000]) func theHashIsThePolynomial(_ count: Int) {
        var random = Seeded(UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let prime: UInt128 = (1 << 61) - 1
        let points: [UInt128] = [0x1243_f6a8_885a_308d, 0x0a40_9382_2299_f31d]
        let expected = points.map { point in
            let groups = max(1, (count + 27) / 28)
            let padded = bytes + [UInt8](repeating: 0, count: groups * 28 - count)
            var blocks = stride(from: 0, to: padded.count, by: 7).map { start in
                padded[start..<start + 7].reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            }
            blocks += [0, UInt128(count)]
            return UInt64(blocks.reduce(UInt128(0)) { ($0 * point + $1) % prime })
        }
        #expect(Self.hash(bytes) == expected)
    }

    @Test func everyBitChangesBothHalves() {
        let bytes = Wire(attributes: [("name", "\"N\"")]).body
        let hash = Self.hash(bytes)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                #expect(zip(Self.hash(changed), hash).allSatisfy { $0 != $1 })
            }
        }
    }

    @Test func zerosAreCounted() {
        #expect(Set((0...300).map { Self.hash([UInt8](repeating: 0, count: $0)) }).count == 301)
    }
}
