import OnewayCore
import TestSupport
import Testing

/// R7: what a synchronous step told from inside its transaction may have been rolled back.
@Suite struct TransactionTests {
    private static let key = RecordKey(.opportunity, GUID(high: 1, low: 1))
    private static let columns = ["name", "stepname"]

    private static func told(_ second: Int64, _ column: String, _ text: String, isTentative: Bool) -> MirrorRecord {
        var fact = MirrorRecord(key)
        fact.learn(column, StampedValue(.text(text), Stamp(second: second, source: .target)))
        if isTentative { fact.markTentative(atSecond: second) }
        return fact
    }

    private static func read(_ modified: Int64, _ values: [String: String], at second: Int64) throws -> MirrorRecord {
        let row = DynamicsRow(
            key,
            rowVersion: UInt64(modified),
            modifiedOn: Timestamp(second: modified),
            columns: values.mapValues { .text($0) }
        )
        return try #require(MirrorRecord(row: row, readAt: Timestamp(second: second)))
    }

    @Test func onlyAReadAfterTheTransactionDecides() throws {
        var record = try Self.read(500, ["name": "before"], at: 600)
        record.take(Self.told(1_000, "name", "not saved", isTentative: true))
        #expect(record["name"] == .text("not saved") && record.columnsInTransaction == ["name"])
        record.take(try Self.read(500, ["name": "before"], at: 1_899))
        #expect(record["name"] == .text("not saved") && record.isTentative)
        record.take(try Self.read(500, ["name": "before"], at: 1_901))
        #expect(record["name"] == .text("before") && !record.isTentative && record.columnsInTransaction.isEmpty)
        let sure = record
        record.take(Self.told(1_000, "name", "not saved", isTentative: true))
        #expect(record["name"] == sure["name"], "it arrives once more")
        record.take(Self.told(1_902, "name", "later", isTentative: false))
        #expect(record["name"] == .text("later"))
    }

    /// R3: it is filled from the kept notification, whether or not a read came in between.
    @Test func aColumnThatIsSelectedLaterWasNotInTheRow() throws {
        var record = try Self.read(500, ["name": "before"], at: 1_901)
        record.take(Self.told(1_000, "stepname", "2", isTentative: true))
        #expect(record["name"] == .text("before") && record["stepname"] == .text("2"))
    }

    @Test func aReadOfARecordWithoutDoubtKeepsItsTime() throws {
        var record = try Self.read(500, ["name": "before"], at: 600)
        record.take(try Self.read(500, ["name": "before"], at: 9_999))
        #expect(record.attributes["name"]?.stamp.second == 500)
    }

    /// It was taken for as new as what was told with the time of its operation.
    @Test func ofTwoReadsTheLaterStateCounts() throws {
        var record = MirrorRecord(Self.key)
        record.learn("name", StampedValue(.text("a"), Stamp(second: 505, source: .target), .operation))
        record.take(try Self.read(499, ["name": "before"], at: 1_426))
        #expect(record["name"] == .text("before"))
        record.take(try Self.read(500, ["name": "a"], at: 1_440))
        #expect(record["name"] == .text("a"))
        record.take(try Self.read(499, ["name": "before"], at: 1_426))
        #expect(record["name"] == .text("a"), "it arrives once more")
    }

    /// Whoever saves every minute does not keep an earlier value that was rolled back.
    @Test func whatIsOverIsDecidedWhileMoreIsTold() throws {
        var record = try Self.read(500, ["name": "before", "stepname": "1"], at: 600)
        record.take(Self.told(1_000, "name", "not saved", isTentative: true))
        record.take(Self.told(1_800, "stepname", "2", isTentative: true))
        record.take(try Self.read(500, ["name": "before", "stepname": "1"], at: 1_950))
        #expect(record["name"] == .text("before") && record["stepname"] == .text("2") && record.isTentative)
    }

    /// Whatever is saved or rolled back, and in whichever order it arrives, a read at the end leaves what is in Dynamics.
    @Test(arguments: Array(UInt64(1)...60)) func everyOrderEndsInWhatWasSaved(_ seed: UInt64) throws {
        var random = Seeded(seed)
        var changes: [(second: Int64, visibleAt: Int64, column: String, text: String)] = []
        var (facts, now) = ([MirrorRecord](), Int64(10_000))
        for number in 0..<12 {
            now += .random(in: 1...1_500, using: &random)
            let (column, isTentative) = (random.pick(Self.columns), random.chance(2))
            facts.append(Self.told(now, column, "\(number)", isTentative: isTentative))
            if isTentative, random.chance(2) { continue }
            let lasts = isTentative ? Int64.random(in: 0...800, using: &random) : 0
            changes.append((now, now + lasts, column, "\(number)"))
        }
        func row(at second: Int64) throws -> MirrorRecord {
            var (values, modified) = (["name": "", "stepname": ""], Int64(9_000))
            for change in changes where change.visibleAt < second {
                values[change.column] = change.text
                modified = max(modified, change.second)
            }
            return try Self.read(modified, values, at: second)
        }
        for _ in 0..<5 { facts.append(try row(at: .random(in: 10_000...now + 2_000, using: &random))) }
        let last = try row(at: now + 5_000)
        let shuffled = (facts + facts.prefix(6)).shuffled(using: &random)
        for place in [0, shuffled.count / 2, shuffled.count] {
            var record = MirrorRecord(Self.key)
            var order = shuffled
            order.insert(last, at: place)
            for fact in order { record.take(fact) }
            let expected = last.attributes.mapValues(\.value)
            #expect(record.attributes.mapValues(\.value) == expected, "seed \(seed), the last read at \(place)")
            #expect(!record.isTentative, "seed \(seed)")
        }
    }
}
