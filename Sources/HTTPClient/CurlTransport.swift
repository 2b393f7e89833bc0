import CCurl
import Threads

/// libcurl on a few threads of its own. One thread handles a request from beginning to end, because that blocks; when
/// all are busy the next request waits, and its time-out starts when it begins.
///
/// Connections are kept and reused. A proxy is taken from the environment as curl does (`https_proxy`, `no_proxy`).
public final class CurlTransport: Transport {
    private let queue = Monitor(Queue())

    /// Runs as many requests at once as threads.
    public init(threads: Int, userAgent: String) {
        for _ in 0..<threads {
            startThread { [queue] in
                ccurl_block_broken_pipes()
                Self.work(on: queue, userAgent)
            }
        }
    }

    deinit { queue.update { $0.isClosed = true } }

    /// Runs to its end even when the waiting task is cancelled: what was sent cannot be taken back.
    public func send(_ request: HTTPRequest) async -> HTTPOutcome {
        await withCheckedContinuation { continuation in
            queue.update { $0.jobs.append(Job(request: request, continuation: continuation)) }
        }
    }

    private struct Job: Sendable {
        let request: HTTPRequest
        let continuation: CheckedContinuation<HTTPOutcome, Never>
    }

    /// Shared by the threads. The handle that was used last is taken first: its connection is the most likely to be
    /// open.
    private struct Queue: Sendable {
        var jobs: [Job] = []
        var idle: [EasyHandle] = []
        var isClosed = false

        mutating func next() -> Turn? {
            if !jobs.isEmpty { return .job(jobs.removeFirst(), idle.popLast()) }
            return isClosed ? .end : nil
        }
    }

    private enum Turn: Sendable {
        case job(Job, EasyHandle?)
        case end
    }

    private static func work(on queue: Monitor<Queue>, _ userAgent: String) {
        while case .job(let job, let kept) = queue.wait({ $0.next() }) {
            guard let handle = kept ?? EasyHandle(userAgent: userAgent) else {
                job.continuation.resume(returning: .notSent("libcurl could not be initialized"))
                continue
            }
            let answer = handle.perform(job.request)
            queue.update { $0.idle.append(handle) }
            job.continuation.resume(returning: answer)
        }
        // Closing connections writes to them, so it is done here, where a broken pipe raises no signal. The update also
        // wakes the next thread, so that it ends too.
        let rest = queue.update { queue in
            defer { queue.idle = [] }
            return queue.idle
        }
        withExtendedLifetime(rest) {}
    }
}
