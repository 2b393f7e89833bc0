import Glibc

enum DiskRoom {
    /// Why the file system of `path` is too full; nil when it is not, or does not say.
    static func lack(at path: String, bytesMin: Int64) -> StoreError? {
        guard let free = free(at: path), free < bytesMin else { return nil }
        return StoreError(.diskFull, "less than \(bytesMin >> 20) MB are free where the store is")
    }

    /// Nil where the file system does not say.
    static func free(at path: String) -> Int64? {
        var system = statvfs()
        guard unsafe statvfs(path, &system) == 0 else { return nil }
        let free = Int64(clamping: system.f_bavail).multipliedReportingOverflow(by: Int64(system.f_frsize))
        return free.overflow ? .max : free.partialValue
    }

    /// The length of a file; nothing for one that is not there.
    static func bytes(of path: String) -> Int64 {
        var file = stat()
        return unsafe stat(path, &file) == 0 ? Int64(file.st_size) : 0
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
