import OnewayCore

/// Of rows in an order.
struct RowDigest: CustomStringConvertible {
    private var hash = Hash128()
    private(set) var rows = 0

    mutating func add(_ row: [SQLValue]) {
        rows += 1
        for value in row {
            switch value {
            case .null: hash.absorb(1)
            case .integer(let number):
                hash.absorb(2)
                hash.absorb(UInt64(bitPattern: number))
            case .text(let text):
                hash.absorb(3)
                hash.absorb(Array(text.utf8).span)
            case .blob(let bytes):
                hash.absorb(4)
                hash.absorb(bytes.span)
            }
        }
    }

    var description: String {
        let halves = [hash.value.0, hash.value.1].map { String($0, radix: 16) }
        return halves.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }
}
