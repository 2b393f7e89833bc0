import OnewayCore
import Threads

extension SQLiteStore {
    /// Runs on a thread and connection of its own, because it reads everything and may take minutes.
    public func problems() async throws(StoreError) -> [String] {
        let path = path
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<[String], StoreError>, Never>) in
            startThread {
                caller.resume(
                    returning: Result { () throws(StoreError) in
                        try Connection(path: path, .read).snapshot { db throws(StoreError) in try db.problems() }
                    }
                )
            }
        }.get()
    }
}

extension Connection {
    fileprivate func problems() throws(StoreError) -> [String] {
        let found = try prepare("PRAGMA integrity_check(20)").rows { row in row.text(0) }
        return found.filter { $0 != "ok" } + (try miscounts())
    }
}
