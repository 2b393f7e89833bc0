import Threads

/// A few threads that read, each with a connection of its own: they never wait for the writer, nor the writer for them.
final class Readers: Sendable {
    /// Returns false when the connection cannot be used any more.
    typealias Read = @Sendable (Result<Connection, StoreError>) -> Bool

    private struct Queue {
        var reads: [Read] = []
        var isClosed = false
    }

    private let queue = Monitor(Queue())
    private let path: String
    private let cacheKilobytesMax: Int

    init(path: String, count: Int, cacheKilobytesMax: Int) {
        self.path = path
        self.cacheKilobytesMax = cacheKilobytesMax
        for _ in 0..<count { startThread { [self] in run() } }
    }

    static func ofSteps(_ path: String) -> Readers { Readers(path: path, count: 1, cacheKilobytesMax: 5_000) }

    static func ofLists(_ path: String) -> Readers { Readers(path: path, count: 2, cacheKilobytesMax: 1_000) }

    func enqueue(_ read: @escaping Read) {
        let isClosed = queue.update { queue in
            if !queue.isClosed { queue.reads.append(read) }
            return queue.isClosed
        }
        if isClosed { _ = read(.failure(.closed)) }
    }

    func close() { queue.update { $0.isClosed = true } }

    private func run() {
        var connection: Connection?
        while true {
            let next = queue.wait { queue -> Read?? in
                if queue.reads.isEmpty { return queue.isClosed ? .some(nil) : nil }
                return queue.reads.removeFirst()
            }
            guard let read = next ?? nil else { break }
            let opened = connection.map { .success($0) } ?? open()
            connection = read(opened) ? try? opened.get() : nil
        }
        // One signal wakes one thread: pass it on, so that all of them end.
        queue.update { _ in }
    }

    private func open() -> Result<Connection, StoreError> {
        Result { () throws(StoreError) in
            let connection = try Connection(path: path, .read)
            try connection.execute("PRAGMA cache_size = -\(cacheKilobytesMax); PRAGMA query_only = ON;")
            return connection
        }
    }
}

extension Connection {
    /// Runs `body` on one snapshot: everything it reads is of the same moment.
    func snapshot<Result>(_ body: (Connection) throws(StoreError) -> Result) throws(StoreError) -> Result {
        try prepare("BEGIN").run()
        do throws(StoreError) {
            let result = try body(self)
            try prepare("COMMIT").run()
            return result
        } catch {
            if inTransaction { try? prepare("ROLLBACK").run() }
            throw error
        }
    }
}
