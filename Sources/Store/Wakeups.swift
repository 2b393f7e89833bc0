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

    func begin() -> Term {
        latest.withLock { latest in
            latest = Term(number: latest.number + 1)
            return latest
        }
    }

    func check(_ term: Term) throws(StoreError) {
        if latest.withLock({ $0 }) != term { throw .notLeader }
    }
}
