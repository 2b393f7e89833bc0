import Glibc

enum DiskRoom {
    /// Why the file system of `path` is too full; nil when it is not, or does not say.
    static func lack(at path: String, bytesMin: Int64) -> StoreError? {
        var system = statvfs()
        guard unsafe statvfs(path, &system) == 0 else { return nil }
        let free = Int64(clamping: system.f_bavail).multipliedReportingOverflow(by: Int64(system.f_frsize))
        guard !free.overflow, free.partialValue < bytesMin else { return nil }
        return StoreError(.diskFull, "less than \(bytesMin >> 20) MB are free where the store is")
    }
}

extension StoreLimits {
    /// Why nothing can be appended now, found before SQLite fails.
    func lackOfRoom(_ counters: Counters, path: String) -> StoreError? {
        if counters[.unappliedBytes] >= inboxBytesMax {
            return StoreError(.diskFull, "what is not applied yet fills the inbox")
        }
        return DiskRoom.lack(at: path, bytesMin: diskFreeBytesMin)
    }
}
