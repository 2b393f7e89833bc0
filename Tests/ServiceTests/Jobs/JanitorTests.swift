import OnewayCore
import Store
import Telemetry
import Testing

@testable import Applying

@Suite struct JanitorTests {
    @Test func appliedNotificationsGoWhenTheyAreOldAndOthersStay() async throws {
        let store = MemoryStore()
        let day: Int64 = 86_400_000
        for age in [20, 15, 13, 0] as [Int64] {
            let entry = InboxEntry(identity: [UInt8(age)], InboxLabels(.accepted), body: [1, 2, 3])
            _ = try await store.append(entry, now: Timestamp(milliseconds: 30 * day - age * day))
        }
        let log = Log(level: .error, format: .json, sink: { _ in })
        let janitor = Janitor(
            store: store.leader,
            inboxDays: 14,
            historyDays: 20,
            now: { Timestamp(milliseconds: 30 * day) },
            log: log
        )

        await janitor.sweep()
        #expect(try await store.inbox(InboxFilter(), before: nil, limit: 10).count == 4, "none is applied yet")

        var application = Application(basis: try await store.mirrorVersion())
        application.applied = try await store.unapplied(limit: 10, bytesMax: 1000).map(\.id)
        try await store.leader.apply(application, now: Timestamp(milliseconds: 30 * day))
        await janitor.sweep()
        let kept = try await store.inbox(InboxFilter(), before: nil, limit: 10).map {
            (30 * day - $0.receivedAt.milliseconds) / day
        }
        #expect(kept == [0, 13])
    }
}
