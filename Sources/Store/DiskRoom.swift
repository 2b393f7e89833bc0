import Glibc
import OnewayCore
import Threads

enum DiskRoom {
    /// Required on the disk itself, however much is free within the file: the log grows there before it is copied.
    static let logBytesMin: Int64 = 64 << 20

    /// Why the file system of `path` has too little room; nil when it has enough, or does not say. Space free within
    /// the store's file counts too: pruning frees it, and the file never shrinks.
    static func lack(at path: String, reusable: Int64, bytesMin: Int64) -> StoreError? {
        guard let free = free(at: path) else { return nil }
        return lack(free: free, reusable: reusable, bytesMin: bytesMin)
    }

    static func lack(free: Int64, reusable: Int64, bytesMin: Int64) -> StoreError? {
        if free >= min(logBytesMin, bytesMin), reusable >= bytesMin - free { return nil }
        return StoreError(.diskFull, "less than \(bytesMin >> 20) MB are free on the store's disk")
    }

    /// Nil where the file system does not say.
    static func free(at path: String) -> Int64? {
        var system = statvfs()
        guard unsafe statvfs(path, &system) == 0 else { return nil }
        let free = Int64(clamping: system.f_bavail).multipliedReportingOverflow(by: Int64(system.f_frsize))
        return free.overflow ? .max : free.partialValue
    }

    /// The length of a file; 0 for one that does not exist.
    static func bytes(of path: String) -> Int64 {
        var file = stat()
        return unsafe stat(path, &file) == 0 ? Int64(file.st_size) : 0
    }
}

extension StoreLimits {
    /// Why nothing can be appended now, checked before SQLite fails.
    func lackOfRoom(_ counters: Counters, _ file: StoreFile) -> StoreError? {
        if Ledger.isFull(counters, self) { return .inboxIsFull }
        return DiskRoom.lack(at: file.path, reusable: file.reusable.withLock(\.self), bytesMin: diskFreeBytesMin)
    }
}
