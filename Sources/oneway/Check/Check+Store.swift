import Configuration
import Glibc
import Store

extension Check {
    static let store: Section = { settings, options in
        switch settings.store {
        case .memory:
            return [.warns("store", "memory: everything is forgotten at the end", remedy: "store: sqlite:oneway.db")]
        case .postgreSQL:
            return [.fails("store", "PostgreSQL is not supported by this version", remedy: "store: sqlite:oneway.db")]
        case .sqlite(let path):
            let folder = Disk.folder(of: path)
            guard Disk.isWritable(folder) else {
                let remedy = "make the folder, and give it to the user that the service runs as"
                return [.fails("store", "the folder \(folder) is not there, or cannot be written", remedy: remedy)]
            }
            return await file(path, isFull: options.isFull)
                + [room(folder, settings), speed(folder)].compactMap(\.self)
        }
    }

    private static func file(_ path: String, isFull: Bool) async -> [CheckLine] {
        guard Disk.exists(path) else {
            return [.passes("store", "\(path) is not there yet; the service makes it")]
        }
        guard Disk.isWritable(path) else {
            return [
                .fails("store", "\(path) cannot be written", remedy: "give it to the user that the service runs as")
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
            let depth = isFull ? ", all of it read, and sound" : "; --full reads all of it"
            return [.passes("store", "\(path) can be read and written, schema \(SQLiteStore.schemaVersion)\(depth)")]
        } catch  where error.kind == .olderSchema {
            let remedy = "keep a copy before: the older version cannot read it after that"
            return [
                .warns("store", "\(path): \(error.detail); the service brings it there when it starts", remedy: remedy)
            ]
        } catch {
            return [.fails("store", "\(path): \(error)", remedy: remedy(of: error))]
        }
    }

    private static func remedy(of error: StoreError) -> String {
        switch error.kind {
        case .newerSchema: "a newer Oneway wrote it: run that one"
        case .corrupt: "it is damaged, or another file: restore the last backup, or choose another path"
        default: "see who may read it, and whether the disk is well"
        }
    }

    private static func room(_ folder: String, _ settings: Configuration) -> CheckLine? {
        guard let free = Disk.freeMegabytes(folder) else { return nil }
        let (least, inbox) = (settings.limits.diskFreeMegabytesMin, settings.inbox.sizeMegabytesMax)
        let says = "\(free) MB are free at \(folder)"
        if free < least {
            let remedy =
                "make room: below limits.diskFreeMegabytesMin (\(least)) only what is free within the file is used"
            return .fails("disk", says, remedy: remedy)
        }
        if free < least + inbox {
            let remedy = "inbox.sizeMegabytesMax (\(inbox)) would not fit: lower it, or give more room"
            return .warns("disk", says, remedy: remedy)
        }
        return .passes("disk", says)
    }

    private static func speed(_ folder: String) -> CheckLine {
        guard let microseconds = Disk.syncMicroseconds(folder) else {
            return .fails(
                "fsync",
                "a file in \(folder) cannot be written and synced",
                remedy: "see whether the disk is well"
            )
        }
        let says = "a synced write takes \(Double(microseconds / 10) / 100) ms (median of \(Disk.syncsMeasured))"
        if microseconds <= syncMicrosecondsAdvised { return .passes("fsync", says) }
        return .warns("fsync", says, remedy: "notifications are answered after one: a local SSD is far quicker")
    }

    private static let syncMicrosecondsAdvised: Int64 = 20_000
}

/// What the disk says of a folder.
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

    /// The median time to write one page to a new file and bring it to the disk; the file has no name for long.
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
