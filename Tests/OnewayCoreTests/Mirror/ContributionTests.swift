import TestSupport
import Testing

@testable import OnewayCore

/// What each report contributed, and whether it won (R7).
@Suite struct ContributionTests {
    private static let key = RecordKey(.opportunity, GUID(high: 1, low: 2))

    private static func report(_ text: String, _ second: Int64, _ source: Stamp.Source = .target) -> [MirrorRecord] {
        var record = MirrorRecord(key)
        record.learn("stepname", StampedValue(.text(text), Stamp(second: second, source: source)))
        return [record]
    }

    private static func told(_ text: String, _ second: Int64, _ source: Stamp.Source = .target) -> StampedValue {
        StampedValue(.text(text), Stamp(second: second, source: source))
    }

    private static func mirror(_ reports: [[MirrorRecord]]) -> [RecordKey: MirrorRecord] {
        var merged = MirrorRecord(key)
        for record in reports.joined() { merged.merge(record) }
        return [key: merged]
    }

    private static func fates(_ reports: [[MirrorRecord]], _ mirror: [RecordKey: MirrorRecord]? = nil)
        -> [[Contribution.Fate]]
    {
        Contribution.of(reports, in: mirror ?? Self.mirror(reports)).map { $0.map(\.fate) }
    }

    @Test func aLateOneIsSeenToLoseAgainstTheReportThatWasNewer() {
        let reports = [Self.report("4-Close", 30), Self.report("2-Develop", 20)]
        #expect(Self.fates(reports) == [[.newest], [.late(known: Self.told("4-Close", 30), from: 0)]])
    }

    @Test func aReplacedOneNamesWhatReplacedIt() {
        let reports = [Self.report("1-Qualify", 10), Self.report("2-Develop", 20)]
        #expect(Self.fates(reports) == [[.replaced(by: Self.told("2-Develop", 20))], [.newest]])
    }

    @Test func whatIsKnownAlreadyIsNotRepeated() {
        let reports = [Self.report("1-Qualify", 10), Self.report("1-Qualify", 20), Self.report("0", 15)]
        let known = Self.told("1-Qualify", 20)
        #expect(Self.fates(reports) == [[.newest], [], [.late(known: known, from: 1)]])
    }

    @Test func anImageOfTheStateBeforeIsExpectedToBeOlder() {
        let reports = [Self.report("2-Develop", 20), Self.report("1-Qualify", 30, .preImage)]
        #expect(Self.fates(reports) == [[.newest], []])
    }

    @Test func whatHasNotBeenAppliedIsNotCalledKnown() {
        let reports = [Self.report("1-Qualify", 10), Self.report("2-Develop", 20)]
        let applied = Self.mirror(Array(reports.prefix(1)))
        #expect(Self.fates(reports, applied) == [[.newest], [.unapplied]])
        #expect(Self.fates(Array(reports.suffix(1)), [:]) == [[.unapplied]])
    }

    @Test func aValueOfAReportNoLongerKeptIsNotLate() {
        let mirror = Self.mirror([Self.report("4-Close", 30)])
        #expect(Self.fates([Self.report("2-Develop", 20)], mirror) == [[.replaced(by: Self.told("4-Close", 30))]])
    }

    /// Whatever the order of arrival, exactly the value that the mirror holds is shown as the newest, and no value that
    /// is shown as late was newer than what it lost against.
    @Test(arguments: Array(UInt64(1)...200)) func theNewestIsTheMirrors(_ seed: UInt64) {
        var random = Seeded(seed)
        let reports = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            Self.report(
                random.pick(["a", "b", "c"]),
                Int64.random(in: 1...4, using: &random),
                random.pick([.target, .target, .postImage, .preImage, .reading])
            )
        }
        let mirror = Self.mirror(reports)
        let contributions = Contribution.of(reports, in: mirror).flatMap(\.self)
        let known = mirror[Self.key]?["stepname"]
        #expect(contributions.contains { $0.told.value == known }, "seed \(seed)")
        for contribution in contributions {
            switch contribution.fate {
            case .newest: #expect(contribution.told.value == known, "seed \(seed)")
            case .late(let newer, let source):
                #expect(contribution.told.stamp <= newer.stamp, "seed \(seed)")
                #expect(source.map { reports[$0][0].attributes["stepname"]?.value } == newer.value, "seed \(seed)")
            case .replaced, .unapplied: #expect(contribution.told.value != known, "seed \(seed)")
            }
        }
    }
}
