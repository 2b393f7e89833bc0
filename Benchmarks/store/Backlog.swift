import OnewayCore
import Store

/// A store with a large backlog to apply.
struct Backlog {
    let path: String

    private static let callers = 128

    func fill(rows: Int) async throws {
        let store = try SQLiteStore(path: path)
        let start = Measure.seconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    var random = Seeded(state: UInt64(caller))
                    for _ in 0..<(rows + Self.callers - 1) / Self.callers {
                        // Noise cannot be compressed, so a body of 1 KB makes a row of 1 KB.
                        let entry = InboxEntry(
                            identity: random.bytes(32),
                            InboxLabels(.accepted),
                            body: random.bytes(1_000)
                        )
                        _ = try await store.append(entry, now: Measure.now)
                    }
                }
            }
            try await group.waitForAll()
        }
        print(
            "fill rows=\(rows) rows/s=\(Int(Double(rows) / (Measure.seconds() - start))) peak-mb=\(Measure.peakMegabytes)"
        )
        await store.close()
    }

    /// Does what the applier does: reads a batch, writes records, references and desired records, marks it as applied.
    func drain(rows: Int) async throws {
        let opening = Measure.seconds()
        let store = try SQLiteStore(path: path)
        let leader = try await store.lead()
        let backlog = try await store.status().unapplied
        let (start, cpu) = (Measure.seconds(), Measure.cpuSeconds)
        var random = Seeded(state: 99)
        var (applied, longest) = (0, 0.0)
        while applied < rows {
            let entries = try await store.unapplied(limit: 32, bytesMax: 1 << 20)
            if entries.isEmpty { break }
            let application = Self.application(entries, try await store.mirrorVersion(), &random)
            let began = Measure.seconds()
            try await leader.apply(application, now: Measure.now)
            longest = max(longest, Measure.seconds() - began)
            applied += entries.count
        }
        let elapsed = Measure.seconds() - start
        print(
            "drain backlog=\(backlog) open-ms=\(Int((start - opening) * 1000)) rows=\(applied)",
            "rows/s=\(Int(Double(applied) / elapsed)) longest-ms=\(Int(longest * 1000))",
            "cpu-us/row=\(Int((Measure.cpuSeconds - cpu) / Double(applied) * 1e6)) peak-mb=\(Measure.peakMegabytes)"
        )
        await store.close()
    }

    private static func application(
        _ entries: [UnappliedEntry],
        _ basis: MirrorVersion,
        _ random: inout Seeded
    ) -> Application {
        var application = Application(basis: basis)
        application.applied = entries.map(\.id)
        for _ in entries {
            let id = GUID(high: random.next() % 100_000, low: 5)
            let stamp = Stamp(second: Int64(random.next() % 1_000_000), source: .target)
            var record = MirrorRecord(RecordKey(.opportunity, id))
            for number in 0..<10 {
                record.learn("attribute\(number)", StampedValue(.text("value \(random.next())"), stamp))
            }
            let account = RecordKey(.account, GUID(high: random.next() % 999, low: 6))
            application.records.append((record, [Reference("parentaccountid", to: account)]))
            let desired = DesiredState(Array("{\"name\":\"\(random.next())\"}".utf8), reasons: [Reason(says: "so")])
            application.desired.append(DesiredRecord(DeliveryKey(.opportunity, "\(id)"), opportunity: id, desired))
        }
        return application
    }
}
