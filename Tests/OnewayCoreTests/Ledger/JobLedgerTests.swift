import OnewayCore
import Testing

@Suite struct JobLedgerTests {
    private static func job(_ kind: Job.Kind, _ name: String, ended: Bool = false, at second: Int64 = 1) -> Job {
        var job = Job(Job.Key(kind, name), startedAt: Timestamp(second: second))
        if ended { job.end(.done, at: Timestamp(second: second + 1)) }
        return job
    }

    @Test(arguments: [
        (Job.Kind.erasure, "a", [], true), (.erasure, "a", ["a"], false), (.erasure, "a", ["b"], true),
        (.replay, "a", [], true), (.replay, "a", ["b"], false), (.sweep, "a", ["b", "c"], true),
    ])
    func begins(kind: Job.Kind, name: String, running: [String], isBegun: Bool) {
        let running = running.map { Self.job(kind, $0) }
        var rows = Ledger.Jobs(running.filter { $0.key.name == name }, by: \.key)
        let job = Self.job(kind, name, at: 9)
        #expect(Ledger.begin(job, running: running, surplus: [], in: &rows) == isBegun)
        #expect(rows.changes.compactMap(\.after) == (isBegun ? [job] : []))
    }

    @Test func oneThatEndedBeginsAgainFromTheStart() {
        var ended = Self.job(.erasure, "a", ended: true)
        (ended.cursor, ended.counts) = ("x", ["left": 3])
        var rows = Ledger.Jobs([ended], by: \.key)
        let again = Self.job(.erasure, "a", at: 9)
        #expect(Ledger.begin(again, running: [], surplus: [], in: &rows))
        #expect(rows.changes == [RowChange(before: ended, after: again)])
    }

    @Test func theOldestOnesGiveWay() {
        let old = (1...3).map { Self.job(.erasure, "old \($0)", ended: true) }
        var rows = Ledger.Jobs(old, by: \.key)
        #expect(Ledger.begin(Self.job(.erasure, "a"), running: [], surplus: old, in: &rows))
        #expect(rows.changes.filter { $0.after == nil }.compactMap(\.before) == old)
    }

    @Test func thoseThatRunAreCounted() {
        let (running, ended) = (Self.job(.sweep, "a"), Self.job(.sweep, "a", ended: true))
        for (before, after, step) in [
            (nil, running, 1), (running, ended, -1), (running, running, 0), (ended, running, 1), (ended, nil, 0),
            (running, nil, -1),
        ] as [(Job?, Job?, Int64)] {
            var counters = Counters()
            counters.count(RowChange(before: before, after: after))
            #expect(counters[.jobs] == step)
        }
    }
}
