import Testing

@testable import Store

@Suite struct PackedBodyTests {
    @Test(arguments: [0, 1, 12, 13, 100, 9_000, 300_000])
    func whatIsPackedComesBack(count: Int) throws {
        let patterned = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 % 90) }
        var random = SystemRandomNumberGenerator()
        let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        for body in [patterned, noise] {
            let packed = PackedBody(packing: body)
            #expect(packed.bytes.count <= body.count)
            #expect(try packed.unpacked() == body)
        }
    }

    @Test func aBodyOfManyRepetitionsShrinks() {
        let body = Array(String(repeating: #"{"__type":"OptionSetValue","Value":1},"#, count: 200).utf8)
        #expect(PackedBody(packing: body).bytes.count * 10 < body.count)
    }

    @Test func aDamagedBodyIsSaid() {
        var packed = PackedBody(packing: Array(repeating: 65, count: 5_000))
        packed = PackedBody(plainBytes: packed.plainBytes + 1, bytes: packed.bytes)
        #expect(throws: StoreError.self) { try packed.unpacked() }
    }
}
