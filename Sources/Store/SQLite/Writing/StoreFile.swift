import Glibc
import Threads

extension StoreError {
    /// A file of the store that can be neither opened nor created for writing.
    init(opening path: String, _ number: Int32) {
        let why = unsafe String(cString: strerror(number))
        let remedy =
            number == ENOENT
            ? "create its folder"
            : "make it and its folder writable for the user that runs this"
        self.init(.unavailable, "\(path) cannot be written (\(why)): \(remedy), or set another path in `store`")
    }
}

/// The file that was opened, even if its path names another by now. SQLite does not notice when the file is deleted or
/// replaced, and continues to write to one that no one can open again.
struct StoreFile: Sendable {
    let path: String
    /// Bytes free within it as of the last commit: they are reused before it grows.
    let reusable = Locked<Int64>(0)
    private let place: Place

    private struct Place: Equatable, Sendable { let device, inode: UInt64 }

    /// Creates it if there is none. Call this before SQLite has it open: closing a file releases SQLite's locks.
    init(path: String) throws(StoreError) {
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw StoreError(opening: path, errno) }
        defer { Glibc.close(file) }
        var found = stat()
        guard unsafe fstat(file, &found) == 0 else { throw StoreError(.unavailable, "the file status cannot be read") }
        self.path = path
        place = Place(device: UInt64(found.st_dev), inode: UInt64(found.st_ino))
    }

    /// Why nothing written now could be found again; nil when the path names this file. One system call.
    var loss: StoreError? {
        var found = stat()
        let isThere = unsafe stat(path, &found) == 0
        if isThere, place == Place(device: UInt64(found.st_dev), inode: UInt64(found.st_ino)) { return nil }
        let what = isThere ? "another file has replaced the store's file" : "the store's file is gone"
        return StoreError(.unavailable, "\(what): restore it, then restart")
    }
}
