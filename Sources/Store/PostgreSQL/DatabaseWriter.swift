import OnewayCore
import Threads

/// Threads that write, each with a session of its own. What they are given is queued, and refused while the database is
/// away.
final class DatabaseWriter<Item: Sendable>: Sendable {
    private struct Queue {
        var items: [Item] = []
        var isClosed = false
    }

    private let queue = Monitor(Queue())
    private let trouble: Locked<StoreError?>
    private let running: Monitor<Int>
    /// Since when each thread performs what it performs now.
    private let busySince = Locked<[Int: ContinuousClock.Instant]>([:])
    private let itemsMax: Int
    private let secondsOfSilenceMax: Int
    private let counters: DatabaseCounters
    private let open: @Sendable () throws(StoreError) -> DatabaseSession
    private let perform: @Sendable (DatabaseSession, [Item]) -> Void
    private let refuse: @Sendable (Item, StoreError) -> Void

    /// Opens the first session. If it cannot be, `failure` says why, and the threads try again.
    /// - Parameters:
    ///   - away: Why not even the first attempt can succeed.
    ///   - itemsMax: How many `perform` takes at once.
    ///   - perform: Answers to whoever gave the items, also when it fails.
    init(
        threads: Int,
        itemsMax: Int,
        secondsOfSilenceMax: Int,
        counters: DatabaseCounters,
        away: StoreError? = nil,
        open: @escaping @Sendable () throws(StoreError) -> DatabaseSession,
        perform: @escaping @Sendable (DatabaseSession, [Item]) -> Void,
        refuse: @escaping @Sendable (Item, StoreError) -> Void
    ) {
        (self.itemsMax, self.secondsOfSilenceMax) = (itemsMax, secondsOfSilenceMax)
        (self.counters, self.open) = (counters, open)
        (self.perform, self.refuse) = (perform, refuse)
        trouble = Locked(away)
        running = Monitor(threads)
        let first = Locked(away == nil ? reopen() : nil)
        for number in 0..<threads {
            startThread { [self] in run(number, number == 0 ? first.withLock { $0.take() } : nil) }
        }
    }

    /// Why nothing can be written; nil when it can.
    var failure: StoreError? { trouble.withLock { $0 } }

    /// Why what was begun does not come to an end, such as a commit that waits for a standby; nil while all goes well.
    /// A server never gives up waiting for its standby.
    var stall: StoreError? {
        let (oldest, limit) = (busySince.withLock { $0.values.min() }, secondsOfSilenceMax)
        guard let oldest, oldest.duration(to: .now) > .seconds(limit) else { return nil }
        let says = "PostgreSQL has not confirmed a commit for \(limit) s: is its disk, or a synchronous standby, away?"
        return StoreError(.unavailable, says)
    }

    func enqueue(_ item: Item) {
        let isClosed = queue.update { queue in
            if !queue.isClosed { queue.items.append(item) }
            return queue.isClosed
        }
        if isClosed { refuse(item, .closed) }
    }

    /// Queued writes are still performed. Blocks until they are.
    func close() {
        queue.update { $0.isClosed = true }
        running.wait { $0 == 0 ? () : nil }
    }

    private func run(_ number: Int, _ opened: sending DatabaseSession?) {
        var session = opened
        var pause = session == nil && failure != nil ? Self.pauseMin : 0
        while true {
            let items = queue.wait(milliseconds: session == nil && pause > 0 ? pause : nil) { queue -> [Item]? in
                if queue.items.isEmpty { return queue.isClosed ? [] : nil }
                defer { queue.items.removeFirst(min(queue.items.count, itemsMax)) }
                return Array(queue.items.prefix(itemsMax))
            }
            if items?.isEmpty == true { break }
            session?.db.look()
            if session?.db.isLost != false {
                end(&session)
                session = reopen()
                pause = session == nil ? min(max(pause * 2, Self.pauseMin), Self.pauseMax) : 0
            }
            guard let items else { continue }
            if let session {
                busySince.withLock { $0[number] = .now }
                perform(session, items)
                busySince.withLock { $0[number] = nil }
            } else {
                refuse(items)
            }
        }
        end(&session)
        running.update { $0 -= 1 }
        // One signal wakes one thread: pass it on, so that all of them end.
        queue.update { _ in }
    }

    private func refuse(_ items: [Item]) {
        for item in items { refuse(item, failure ?? .closed) }
    }

    private func end(_ session: inout DatabaseSession?) {
        if let session { counters.ended(session.writer) }
        session = nil
    }

    private func reopen() -> sending DatabaseSession? {
        do throws(StoreError) {
            let session = try open()
            counters.committed(session.writer, session.counted)
            trouble.withLock { $0 = nil }
            return session
        } catch {
            trouble.withLock { $0 = error }
            return nil
        }
    }

    private static var pauseMin: Int { 250 }
    private static var pauseMax: Int { 5_000 }
}

extension DatabaseSession {
    /// Runs it again when it lost against another transaction, such as one that stored the same notification.
    func persistently<Result>(
        _ kind: Kind,
        _ body: (DatabaseSession) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var attempts = 0
        while true {
            attempts += 1
            do throws(StoreError) { return try transaction(kind, body) } catch {
                guard db.lostAgainstAnother, !db.isLost else { throw error }
                if attempts == Self.attemptsMax { throw StoreError(.unavailable, "others change the same rows") }
            }
        }
    }

    private static let attemptsMax = 8
}
