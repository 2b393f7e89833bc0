import Foundation
import OnewayCore
import TestSupport
import Testing

@testable import Store

/// A disk of two megabytes. This needs a mount; where that is not permitted, the tests report that they were skipped.
@Suite(.enabled(if: TinyDisk.isPermitted, "mounting a tmpfs needs root"))
struct FullDiskTests {
    @Test func aFullDiskIsSaidNothingIsLostAndItHeals() async throws {
        try await TinyDisk.with { disk in
            let store = try SQLiteStore(path: disk.path("oneway.db"), limits: .forTests)
            let stored = try await fill(store)
            #expect(!stored.isEmpty)
            // Something small may fit by now, and then it is healthy: `fill` has seen that it was full.
            try disk.grow()
            try await untilWell(store)
            let after = try await store.store(.sample(1_000_001))
            let found = try await store.unapplied(limit: 10_000, bytesMax: 100 << 20).map(\.id)
            #expect(Set(found).isSuperset(of: stored + [after]), "acknowledged rows are stored")
            #expect(try await store.problems() == [])
            await store.close()
        }
    }

    @Test func lackOfRoomIsSaidBeforeSQLiteFails() async throws {
        try await TinyDisk.with { disk in
            var limits = StoreLimits.forTests
            limits.diskFreeBytesMin = 1 << 20
            let store = try SQLiteStore(path: disk.path("oneway.db"), limits: limits)
            let stored = try await fill(store)
            #expect(store.failure == StoreError(.diskFull, "less than 1 MB are free on the store's disk"))
            try await store.apply { $0.applied = stored }
            #expect(try await store.status().unapplied == 0, "jobs continue, because they free space")
            await store.close()
        }
    }

    @Test func whatPruningMakesFreeIsRoom() async throws {
        try await TinyDisk.with(megabytes: 96) { disk in
            var limits = StoreLimits.forTests
            limits.diskFreeBytesMin = 88 << 20
            let store = try SQLiteStore(path: disk.path("oneway.db"), limits: limits)
            let stored = try await fill(store)
            #expect(store.failure?.kind == .diskFull)
            #expect(store.room?.reusable.map { $0 < 1 << 20 } == true)
            try await store.apply { $0.applied = stored }
            while try await !store.leader.prune(olderThan: 2, rowsMax: 500).isDone {}
            #expect(store.room?.free.map { $0 < limits.diskFreeBytesMin } == true, "the file does not shrink")
            #expect(store.failure == nil, "as far as appending is concerned")
            let again = try await fill(store)
            #expect(again.count > 100)
            #expect(store.failure?.kind == .diskFull)
            await store.close()
        }
    }

    /// Appends until it is refused.
    private func fill(_ store: SQLiteStore) async throws -> [InboxID] {
        var stored: [InboxID] = []
        for number in 0..<100_000 {
            var entry = InboxEntry.sample(number)
            entry.body = (0..<4_000).map { _ in UInt8.random(in: 0...255) }
            do throws(StoreError) {
                guard case .stored(let id) = try await store.append(entry, now: 1) else { continue }
                stored.append(id)
            } catch {
                #expect(error.kind == .diskFull)
                return stored
            }
        }
        Issue.record("the disk never filled up")
        return stored
    }

    private func untilWell(_ store: SQLiteStore) async throws {
        #expect(await eventually { store.failure == nil })
    }
}

@Suite struct DiskRoomTests {
    @Test(arguments: [
        (256, 0, false), (255, 0, true), (200, 56, false), (200, 55, true), (64, 192, false), (63, 9_000, true),
        (9_000_000, 0, false),
    ])
    func whatIsFreeInTheFileIsRoomWhileTheLogHasSome(free: Int64, reusable: Int64, isTooLittle: Bool) {
        let lack = DiskRoom.lack(free: free << 20, reusable: reusable << 20, bytesMin: 256 << 20)
        #expect((lack != nil) == isTooLittle)
    }

    @Test func whereLessIsDemandedThatIsTheLeast() {
        #expect(DiskRoom.lack(free: 1 << 20, reusable: 0, bytesMin: 1 << 20) == nil)
        #expect(DiskRoom.lack(free: 0, reusable: 0, bytesMin: 0) == nil)
        #expect(DiskRoom.lack(free: 1, reusable: 9 << 20, bytesMin: 1 << 20) != nil)
    }
}

private struct TinyDisk {
    let folder: URL

    static var isPermitted: Bool {
        guard geteuid() == 0, let disk = try? TinyDisk() else { return false }
        disk.remove()
        return true
    }

    static func with(megabytes: Int = 2, _ body: (TinyDisk) async throws -> Void) async throws {
        let disk = try TinyDisk(megabytes: megabytes)
        defer { disk.remove() }
        try await body(disk)
    }

    init(megabytes: Int = 2) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard unsafe mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw POSIXError(.EPERM)
        }
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func grow() throws {
        guard unsafe mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT), "size=64m") == 0 else {
            throw POSIXError(.EPERM)
        }
    }

    func remove() {
        _ = unsafe umount2(folder.path, 2)
        try? FileManager.default.removeItem(at: folder)
    }
}
