import Glibc
import Threads

/// Keeps a second process from opening the same store: the writer keeps the counters in memory.
///
/// A file beside the database, because SQLite's own locks are lost when the process closes another descriptor of the
/// same file.
final class StoreLock: Sendable {
    private let descriptor: Locked<Int32>

    init(path: String) throws(StoreError) {
        let file = unsafe open("\(path)-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError(opening: "\(path)-lock", errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file)
            throw StoreError(.inUse, "another process has \(path) open: only one `oneway serve` may use it")
        }
        descriptor = Locked(file)
    }

    deinit { release() }

    func release() {
        descriptor.withLock { file in
            guard file >= 0 else { return }
            // Closing alone leaves it locked while a child that has not reached `exec` yet still has a copy.
            _ = flock(file, LOCK_UN)
            Glibc.close(file)
            file = -1
        }
    }
}
