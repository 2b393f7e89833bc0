import Coordination
import OnewayCore
import Threads

/// The signals of one store.
final class Wakeups: Sendable {
    private let signals = Topic.allCases.map { _ in Signal() }

    subscript(topic: Topic) -> Signal { signals[topic.rawValue] }

    func fire(_ topics: Topics) {
        if topics.isEmpty { return }
        for topic in Topic.allCases where topics.contains(Topics(topic)) { self[topic].fire() }
    }
}

/// Several topics. Accepting makes one for every commit.
struct Topics: OptionSet {
    let rawValue: Int

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ topic: Topic) { self.init(rawValue: 1 << topic.rawValue) }
}

/// Terms of a store that only this process has open.
final class LocalTerms: Terms {
    /// Tests lead with it.
    let latest = Locked(Term(number: 0))
    private let waiting = Locked((isClosed: false, those: [(term: Term, caller: CheckedContinuation<Void, Never>)]()))

    func begin() -> Term {
        let term = latest.withLock { latest in
            latest = Term(number: latest.number + 1)
            return latest
        }
        release { $0 != term }
        return term
    }

    func check(_ term: Term) throws(StoreError) {
        if latest.withLock({ $0 }) != term { throw .notLeader }
    }

    func isSure(of term: Term) -> Bool { latest.withLock { $0 } == term }

    func end(of term: Term) async {
        await withCheckedContinuation { caller in
            let isOver = waiting.withLock { waiting in
                if waiting.isClosed || latest.withLock({ $0 }) != term { return true }
                waiting.those.append((term, caller))
                return false
            }
            if isOver { caller.resume() }
        }
    }

    /// Ends all terms.
    func close() {
        waiting.withLock { $0.isClosed = true }
        release { _ in true }
    }

    private func release(_ isOver: (Term) -> Bool) {
        let released = waiting.withLock { waiting in
            let released = waiting.those.filter { isOver($0.term) }
            waiting.those.removeAll { isOver($0.term) }
            return released.map(\.caller)
        }
        for caller in released { caller.resume() }
    }
}
