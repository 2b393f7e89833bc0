import OnewayCore
import Threads

/// The counters of all writers: those of this process as of their last commit, the others' as they were last read.
final class DatabaseCounters: Sendable {
    private struct State {
        var read: [Int64: Counters] = [:]
        var own: [Int64: Counters] = [:]
        var sum = Counters()

        mutating func add() {
            sum = read.merging(own) { $1 }.values.reduce(into: Counters()) { $0 += $1 }
        }
    }

    private let state = Locked(State())

    var sum: Counters { state.withLock { $0.sum } }

    func committed(_ writer: Int64, _ counters: Counters) {
        state.withLock { state in
            state.own[writer] = counters
            state.add()
        }
    }

    /// The session has ended: another process may have its number next.
    func ended(_ writer: Int64) {
        state.withLock { state in
            if let last = state.own.removeValue(forKey: writer) { state.read[writer] = last }
        }
    }

    func read(_ counters: [Int64: Counters]) {
        state.withLock { state in
            state.read = counters
            state.add()
        }
    }
}
