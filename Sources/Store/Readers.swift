import Threads

/// A few threads that read, each with a connection of its own: they never wait for the writer, nor the writer for them.
final class Readers<Connection>: Sendable {
    /// Returns false when the connection cannot be used any more.
    typealias Read = @Sendable (Result<Connection, StoreError>) -> Bool

    private struct Queue {
        var reads: [Read] = []
        var isClosed = false
    }

    private let queue = Monitor(Queue())
    private let open: @Sendable () throws(StoreError) -> Connection

    init(count: Int, open: @escaping @Sendable () throws(StoreError) -> Connection) {
        self.open = open
        for _ in 0..<count { startThread { [self] in run() } }
    }

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
            let opened = connection.map { .success($0) } ?? Result { () throws(StoreError) in try open() }
            connection = read(opened) ? try? opened.get() : nil
        }
        // One signal wakes one thread: pass it on, so that all of them end.
        queue.update { _ in }
    }
}
