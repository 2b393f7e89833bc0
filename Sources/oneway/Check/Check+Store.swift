import Configuration
import Glibc
import Store

extension Check {
    static let store: Section = { settings, options in
        switch settings.store {
        case .memory:
            return [.warns("store", "memory: everything is lost on exit", remedy: "store: sqlite:oneway.db")]
        case .postgreSQL(let address): return await database(address, isFull: options.isFull)
        case .sqlite(let path):
            let folder = Disk.folder(of: path)
            guard Disk.isWritable(folder) else {
                let remedy = "create the folder, and make it writable for the user that the service runs as"
                return [.fails("store", "the folder \(folder) does not exist or is not writable", remedy: remedy)]
            }
            return await file(path, isFull: options.isFull)
                + [room(folder, settings), speed(folder)].compactMap(\.self)
        }
    }

    private static func file(_ path: String, isFull: Bool) async -> [CheckLine] {
        guard Disk.exists(path) else {
            return [.passes("store", "\(path) does not exist yet; the service creates it")]
        }
        guard Disk.isWritable(path) else {
            return [
                .fails(
                    "store",
                    "\(path) is not writable",
                    remedy: "make it writable for the user that the service runs as"
                )
            ]
        }
        do throws(StoreError) {
            let store = try SQLiteStore(reading: path)
            let problems = isFull ? try await store.problems() : []
            await store.close()
            if let first = problems.first {
                let says =
                    "\(path) is damaged: \(first)" + (problems.count > 1 ? ", and \(problems.count - 1) more" : "")
                return [.fails("store", says, remedy: "stop the service, keep a copy, restore the last backup")]
            }
            let depth = isFull ? ", all of it read and intact" : "; --full reads all of it"
            return [.passes("store", "\(path) can be read and written, schema \(SQLiteStore.schemaVersion)\(depth)")]
        } catch  where error.kind == .olderSchema {
            let remedy = "make a copy first: the older version cannot read it afterwards"
            return [
                .warns("store", "\(path): \(error.detail); the service upgrades it when it starts", remedy: remedy)
            ]
        } catch {
            return [.fails("store", "\(path): \(error)", remedy: remedy(of: error))]
        }
    }

    private static func remedy(of error: StoreError) -> String {
        switch error.kind {
        case .newerSchema: "a newer version of Oneway wrote it: run that version"
        case .corrupt: "it is damaged, or not a store: restore the last backup, or choose another path"
        default: "check its permissions and the disk's health"
        }
    }

    private static func room(_ folder: String, _ settings: Configuration) -> CheckLine? {
        guard let free = Disk.freeMegabytes(folder) else { return nil }
        let (least, inbox) = (settings.limits.diskFreeMegabytesMin, settings.inbox.sizeMegabytesMax)
        let says = "\(free) MB are free at \(folder)"
        if free < least {
            let remedy =
                "make room: below limits.diskFreeMegabytesMin (\(least)) only free space within the file is used"
            return .fails("disk", says, remedy: remedy)
        }
        if free < least + inbox {
            let remedy = "inbox.sizeMegabytesMax (\(inbox)) would not fit: lower it, or make room"
            return .warns("disk", says, remedy: remedy)
        }
        return .passes("disk", says)
    }

    private static func speed(_ folder: String) -> CheckLine {
        guard let microseconds = Disk.syncMicroseconds(folder) else {
            return .fails(
                "fsync",
                "a file in \(folder) cannot be written and synced",
                remedy: "check the disk's health"
            )
        }
        let says = "a synced write takes \(Double(microseconds / 10) / 100) ms (median of \(Disk.syncsMeasured))"
        if microseconds <= syncMicrosecondsAdvised { return .passes("fsync", says) }
        return .warns("fsync", says, remedy: "every notification waits for one: a local SSD is much faster")
    }

    private static let syncMicrosecondsAdvised: Int64 = 20_000
}

/// Facts about a folder and its disk.
enum Disk {
    static let syncsMeasured = 20

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
    static func isWritable(_ path: String) -> Bool { unsafe access(path, R_OK | W_OK) == 0 }

    static func freeMegabytes(_ folder: String) -> Int? {
        var system = statvfs()
        guard unsafe statvfs(folder, &system) == 0 else { return nil }
        let free = Int64(clamping: system.f_bavail).multipliedReportingOverflow(by: Int64(system.f_frsize))
        return free.overflow ? .max : Int(free.partialValue >> 20)
    }

    /// Returns the median time to write one page to a new file and sync it; the file is unlinked at once.
    static func syncMicroseconds(_ folder: String) -> Int64? {
        let path = "\(folder)/.oneway-check-\(getpid())"
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard unsafe unlink(path) == 0 else { return nil }
        let page = [UInt8](repeating: 1, count: 4096)
        var times: [Duration] = []
        for _ in 0..<syncsMeasured {
            let start = ContinuousClock.now
            let written = unsafe page.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            guard written == page.count, fsync(file) == 0 else { return nil }
            times.append(ContinuousClock.now - start)
        }
        let median = times.sorted()[syncsMeasured / 2].components
        return median.seconds * 1_000_000 + median.attoseconds / 1_000_000_000_000
    }
}
