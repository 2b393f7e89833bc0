import Glibc
import OnewayCore
import Threads

/// The only thread that writes. It answers after the commit, recovers automatically, and keeps the log short.
final class Writer: Sendable {
    private let queue = Monitor(TurnQueue())
    private let published: Locked<Published>
    private let committed: @Sendable (Commit) -> Void
    private let wakeups: Wakeups
    private let open: @Sendable () throws(StoreError) -> WriteSession

    private struct Published {
        var counters: Counters
        var failure: StoreError?
        var afterClosing: [@Sendable () -> Void] = []
        var isFinished = false
    }

    static let healMilliseconds = 250

    /// Throws the error that keeps the store from opening. `open` is called again to recover.
    init(
        committed: @escaping @Sendable (Commit) -> Void,
        wakeups: Wakeups,
        open: @escaping @Sendable () throws(StoreError) -> WriteSession
    ) throws(StoreError) {
        self.committed = committed
        self.wakeups = wakeups
        self.open = open
        let session = try open()
        published = Locked(Published(counters: session.counters, failure: nil))
        start(session)
    }

    /// The counters as of the last commit.
    var counters: Counters { published.withLock { $0.counters } }

    /// Why the writer cannot write; nil when it can.
    var failure: StoreError? { published.withLock { $0.failure } }

    func append(_ append: TurnQueue.Append) {
        if !queue.update({ $0.add(append) }) { append.done(.failure(.closed)) }
    }

    func enqueue(_ job: TurnQueue.Job) {
        if !queue.update({ $0.add(job, now: Self.now) }) { job.failed(.closed) }
    }

    /// Queued writes are still performed; then `done` is called.
    func close(done: @escaping @Sendable () -> Void) {
        queue.update { $0.close() }
        let isFinished = published.withLock { published in
            if !published.isFinished { published.afterClosing.append(done) }
            return published.isFinished
        }
        if isFinished { done() }
    }

    private func start(_ session: sending WriteSession) {
        let handedOver = Locked<WriteSession?>(session)
        startThread { [self] in
            if let session = handedOver.withLock({ $0.take() }) { run(session) }
        }
    }

    /// The thread's main loop. Without a session the writer has failed: requests are refused at once, and recovery is
    /// tried every `healMilliseconds`.
    private func run(_ opened: WriteSession) {
        var session: WriteSession? = opened
        var healedAt: Int64 = 0
        while true {
            let patience = session == nil ? Self.healMilliseconds : nil
            let turn = queue.wait(milliseconds: patience) { $0.next(now: Self.now) }
            if session == nil, Self.now - healedAt >= Int64(Self.healMilliseconds) {
                session = heal()
                healedAt = Self.now
            }
            switch turn {
            case nil: break
            case .close:
                // Everything is in the one file before any caller is resumed.
                try? session?.emptyLog()
                session = nil
                return finish()
            case .write(let appends, let job):
                if let working = session {
                    if !perform(appends, job, in: working) { session = nil }
                } else {
                    refuse(appends, job, with: failure ?? .closed)
                }
            }
        }
    }

    /// Returns false when the writer has failed.
    private func perform(_ appends: [TurnQueue.Append], _ job: TurnQueue.Job?, in session: WriteSession) -> Bool {
        let turn: WriteSession.Performed
        let begun = ContinuousClock.now
        do throws(StoreError) {
            turn = try session.perform(appends.map(\.entry), job)
        } catch  where error.kind == .invalid && appends.count + (job == nil ? 0 : 1) > 1 {
            // One of them breaks a rule of the store: performed one by one, it does not fail the others.
            let alone = appends.map { ([$0], nil as TurnQueue.Job?) } + (job.map { [([], $0)] } ?? [])
            var isWell = true
            for (appends, job) in alone {
                if isWell {
                    isWell = perform(appends, job, in: session)
                } else {
                    refuse(appends, job, with: failure ?? .closed)
                }
            }
            return isWell
        } catch {
            refuse(appends, job, with: error)
            if error.kind == .invalid { return true }
            published.withLock { $0.failure = error }
            return false
        }
        published.withLock { $0.counters = session.counters }
        committed(Commit(appends: appends.count, took: ContinuousClock.now - begun))
        for (append, answer) in zip(appends, turn.appended) { append.done(answer) }
        turn.handOver()
        wakeups.fire(session.topics)
        session.topics = []
        return shortenLog(of: session)
    }

    /// Separate from the turn, which is committed and answered: a failure here fails no request.
    private func shortenLog(of session: WriteSession) -> Bool {
        do throws(StoreError) {
            try session.shortenLog()
            return true
        } catch {
            published.withLock { $0.failure = error }
            return false
        }
    }

    private func refuse(_ appends: [TurnQueue.Append], _ job: TurnQueue.Job?, with error: StoreError) {
        for append in appends { append.done(.failure(error)) }
        job?.failed(error)
    }

    /// After a failed commit it is unknown how much of the log is on disk, and later commits would build on it. So:
    /// open again, copy all of the log into the file and flush it to disk, and check that a write succeeds.
    private func heal() -> WriteSession? {
        do throws(StoreError) {
            let session = try open()
            try session.emptyLog()
            try session.probe()
            published.withLock { ($0.counters, $0.failure) = (session.counters, nil) }
            return session
        } catch {
            published.withLock { $0.failure = error }
            return nil
        }
    }

    private func finish() {
        let waiting = published.withLock { published in
            published.isFinished = true
            return published.afterClosing
        }
        for done in waiting { done() }
    }

    static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
