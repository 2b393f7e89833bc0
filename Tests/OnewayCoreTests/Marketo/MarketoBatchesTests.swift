import TestSupport
import Testing

@testable import OnewayCore

@Suite struct MarketoBatchesTests {
    @Test func batchesAreAsFewAsMarketoTakes() {
        let table: [([Int], [Int])] = [
            ([], []), ([1], [1]), (Array(repeating: 100, count: 300), [300]),
            (Array(repeating: 100, count: 601), [300, 300, 1]),
            (Array(repeating: 400_000, count: 5), [2, 2, 1]),
            ([10, 2_000_000, 10, 10], [1, 1, 2]),
            ([998_999, 1], [1, 1]), ([499_499, 499_499], [2]), ([499_500, 499_500], [1, 1]),
        ]
        for (sizes, expected) in table {
            #expect(MarketoBatches.cut(sizes) { $0 }.map(\.count) == expected)
        }
    }

    @Test func cutBodiesAreWithinTheLimitAndLoseNothing() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(seed)
        for _ in 0..<20 {
            let sizes = (0..<Int.random(in: 0...700, using: &random)).map { _ in
                Int.random(in: 2...(Bool.random(using: &random) ? 200 : 9000), using: &random)
            }
            let records = sizes.map { [UInt8](repeating: UInt8(ascii: "1"), count: $0) }
            let batches = MarketoBatches.cut(records, bytes: \.count)
            #expect(batches.flatMap { $0 } == records, "seed \(seed)")
            for batch in batches {
                let call = MarketoCall.syncLeads("a field with a rather long name", Array(batch), partition: nil)
                guard case .json(let body) = call.body else { return }
                #expect(body.count <= MarketoBatches.bodyBytesMax && (1...300).contains(batch.count), "seed \(seed)")
            }
        }
    }

    @Test func halvingComesToAnEnd() throws {
        var found: [Int] = []
        var open = [Array(0..<7)[...]]
        while let batch = open.popLast() {
            guard let (left, right) = MarketoBatches.halved(batch) else {
                found += batch
                continue
            }
            #expect(!left.isEmpty && !right.isEmpty && left + right == batch)
            open += [right, left]
        }
        #expect(found == Array(0..<7))
        #expect(MarketoBatches.halved([Int]()[...]) == nil)
    }
}
