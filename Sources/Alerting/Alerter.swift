package import Configuration
package import Coordination
package import HTTPClient
package import OnewayCore
package import Store
package import Telemetry
import Threads

/// Posts what changes in the verdict, until it arrives. What is told is stored, so that a restart neither repeats nor
/// forgets an alert; only if the service ends before that could be stored, one is posted twice.
package final class Alerter: Running {
    private struct State {
        var receiver: AlertReceiver
        /// Nil: not loaded yet.
        var book: AlertBook?
        var failures = 0
        var trouble: String?
        var retryAt: Timestamp?
        var isStopped = false
    }

    private static let note = "alerts"
    private static let pause = Pause(first: 10_000, most: 600_000)
    /// So many attempts in a row are no hiccup.
    package static let failuresMax = 3

    private let state: Locked<State>
    private let woken = Signal()
    private let link: String?
    private let store: any StoreLeader
    private let transport: any Transport
    private let metrics: AlertMetrics
    private let time: TimeSource
    private let log: Log

    /// Nil: nothing is to be posted.
    package init?(
        _ settings: Configuration,
        store: any StoreLeader,
        transport: (any Transport)? = nil,
        metrics: AlertMetrics,
        time: TimeSource = .system,
        log: Log
    ) {
        guard let receiver = AlertReceiver(settings.alerts) else { return nil }
        state = Locked(State(receiver: receiver))
        link = settings.admin.statusPage
        self.store = store
        self.transport = transport ?? CurlTransport(threads: 1, userAgent: Oneway.userAgent)
        (self.metrics, self.time, self.log) = (metrics, time, log)
    }

    /// Takes notice of the causes that are present. Never waits.
    package func look(_ verdict: Verdict, _ now: Timestamp) {
        state.withLock { $0.book?.look(verdict.causes, now) }
        woken.fire()
    }

    /// An address may have been changed because the other one failed.
    package func reload(_ alerts: Configuration.Alerts) {
        guard let receiver = AlertReceiver(alerts) else { return }
        state.withLock { state in
            state.receiver = receiver
            state.retryAt = nil
        }
        woken.fire()
    }

    package func run() async {
        while true {
            let seen = woken.count
            if isOver { return }
            await woken.wait(after: seen, until: await work(), time)
        }
    }

    package func stop() async {
        state.withLock { $0.isStopped = true }
        woken.fire()
    }

    private var isOver: Bool { state.withLock { $0.isStopped } || Task.isCancelled }

    /// Posts what is due, and returns when to try again; nil: after the next look.
    private func work() async -> Timestamp? {
        do throws(StoreError) {
            try await load()
            while !isOver {
                let now = time.now()
                if let retryAt = state.withLock({ $0.retryAt }), retryAt > now { return retryAt }
                // In this order: whoever does not lead any longer finds out here, and posts nothing.
                let isKept = try await keep()
                guard let alert = state.withLock({ $0.book?.due(now).first }), await post(alert) else {
                    return isKept ? nil : soon
                }
                state.withLock { $0.book?.told(alert, time.now()) }
                _ = try await keep()
            }
        } catch {
            log.warning("alerts could not be stored, and are posted later", [.error: .text("\(error)")])
            return soon
        }
        return nil
    }

    private var soon: Timestamp { time.now().adding(milliseconds: Self.pause.firstMilliseconds) }

    private func load() async throws(StoreError) {
        if state.withLock({ $0.book != nil }) { return }
        let book = try await store.note(Self.note).map(AlertBook.init(kept:)) ?? AlertBook()
        state.withLock { $0.book = book }
    }

    /// Returns whether it is stored. That it cannot be is what people have to be told above all, even if it is told
    /// twice. Throws where another replica may lead by now, and tell it.
    private func keep() async throws(StoreError) -> Bool {
        guard let kept = state.withLock({ $0.book?.kept }) else { return true }
        do throws(StoreError) {
            if try await store.note(Self.note) != kept { try await store.setNote(Self.note, kept) }
            return true
        } catch {
            guard !error.endsWork, store.isSure else { throw error }
            log.warning("alerts could not be stored, and may be posted twice", [.error: .text("\(error)")])
            return false
        }
    }

    /// Returns whether it arrived.
    private func post(_ alert: Alert) async -> Bool {
        let message = AlertMessage(alert, link: link)
        let receiver = state.withLock { $0.receiver }
        let answer = Locked<String??>(nil)
        Task { [transport, woken] in
            let trouble = await receiver.post(message, by: transport)
            answer.withLock { $0 = .some(trouble) }
            woken.fire()
        }
        // A service that is stopping does not wait for a slow receiver.
        while true {
            let seen = woken.count
            if let trouble = answer.withLock({ $0 }) { return note(trouble, alert) }
            if isOver { return false }
            await woken.wait(after: seen, time)
        }
    }

    private func note(_ trouble: String?, _ alert: Alert) -> Bool {
        let now = time.now()
        state.withLock { state in
            state.trouble = trouble
            state.failures = trouble == nil ? 0 : state.failures + 1
            state.retryAt = trouble.map { _ in now.adding(milliseconds: Self.pause.milliseconds(after: state.failures))
            }
        }
        if let trouble {
            metrics.failed.increment()
            log.warning(
                "an alert could not be posted, and is posted later",
                [.code: .text(alert.cause.rawValue), .error: .text(trouble)]
            )
        } else {
            metrics.posted.increment()
            log.info(
                "an alert was posted",
                [.code: .text(alert.cause.rawValue), .reason: .text(alert.change.rawValue)]
            )
        }
        return trouble == nil
    }
}

// MARK: For operators

extension Alerter {
    package struct Status: Hashable, Sendable {
        /// Alerts that have not arrived yet.
        package let waiting: Int
        /// Failed attempts since one last arrived.
        package let failures: Int
        /// Why the last attempt failed.
        package let trouble: String?

        package var isFailing: Bool { failures >= Alerter.failuresMax }
    }

    package var status: Status {
        let now = time.now()
        return state.withLock { state in
            Status(waiting: state.book?.due(now).count ?? 0, failures: state.failures, trouble: state.trouble)
        }
    }
}
