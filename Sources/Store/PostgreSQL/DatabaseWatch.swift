import Coordination
import Glibc
import OnewayCore
import Threads

/// The replica's session that stays: hears what others have changed, tells them what this one has, says every second that
/// the replica is alive, and takes part in the election of the leader.
final class DatabaseWatch: Sendable {
    struct State {
        /// To be announced to the others.
        var topics: Topics = []
        var failure: StoreError?
        /// How long the last heartbeat took.
        var answeredIn: Duration?
        /// Whether it was seen to work or to fail.
        var hasBegun = false
        var isClosed = false
        var isOver = false
        /// Whether the session has the leader's lock.
        var hasLock = false
        /// Whether somebody has just asked to lead.
        var isImpatient = false
        /// Those who want to lead, and wait for their turn.
        var candidates: [CheckedContinuation<Result<Term, StoreError>, Never>] = []
        /// The latest term that is known, and whether this replica leads in it.
        var term = Term(number: 0)
        var leads = false
        /// When the last heartbeat as a leader began; nil: the session was lost since, and the lock with it.
        var ledAt: ContinuousClock.Instant?
        /// Those who wait for the end of a term.
        var followers: [(term: Term, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let state = Monitor(State())
    private let door: DatabaseDoor
    let replica: String
    /// Unique, however replicas are called.
    let id = "\(getpid())-\(UInt64.random(in: .min ... .max))"
    let counters: DatabaseCounters
    private let wakeups: Wakeups
    private let alarm: Alarm

    static let millisecondsPerBeat = 1_000
    /// Accepting makes news with every commit.
    private static let millisecondsBetweenNews = 25
    /// Every so many beats everything is looked at, should a notification be lost.
    private let beatsPerRound: Int

    init(_ door: DatabaseDoor, replica: String, counters: DatabaseCounters, wakeups: Wakeups, beatsPerRound: Int) {
        (self.door, self.replica, self.counters, self.wakeups) = (door, replica, counters, wakeups)
        self.beatsPerRound = beatsPerRound
        alarm = Alarm()
    }

    /// Why the database cannot be watched; nil when it can.
    var failure: StoreError? { state.update { $0.failure } }

    var secondsOfSilenceMax: Int { door.secondsOfSilenceMax }

    var answeredIn: Duration? { state.update { $0.answeredIn } }

    /// Blocks until it watches, or cannot.
    /// - Parameter away: Why there is no use in waiting for it.
    func start(away: StoreError?) {
        state.update { ($0.failure, $0.hasBegun) = (away, away != nil) }
        startThread { [self] in run() }
        state.wait { $0.hasBegun ? () : nil }
    }

    /// Tells the other replicas, soon.
    func announce(_ topics: Topics) {
        if topics.isEmpty { return }
        let isNews = state.update { state in
            defer { state.topics.formUnion(topics) }
            return !state.topics.isSuperset(of: topics)
        }
        if isNews { alarm.ring() }
    }

    func wake() { alarm.ring() }

    /// Gives up leading. Blocks until the others know.
    func close() {
        state.update { $0.isClosed = true }
        alarm.ring()
        state.wait { $0.isOver ? () : nil }
    }

    private func run() {
        var pause = 0
        while !state.update({ $0.isClosed }) {
            do throws(StoreError) {
                let connection = try door.open(", watching")
                try enter(connection)
                pause = 0
                try watch(connection)
                try leave(connection)
            } catch {
                state.update { ($0.failure, $0.hasBegun, $0.answeredIn, $0.ledAt) = (error, true, nil, nil) }
                if error.kind == .newerSchema { endTerm(nil) }
                pause = min(max(pause * 2, 250), 5_000)
                alarm.wait(milliseconds: pause)
            }
        }
        endTerm(nil)
        let left = state.update { state in
            state.isOver = true
            defer { state.candidates = [] }
            return state.candidates
        }
        for candidate in left { candidate.resume(returning: .failure(.closed)) }
        // Whoever closed waits for this too.
        state.update { _ in }
    }

    private func watch(_ db: DatabaseConnection) throws(StoreError) {
        var (nextBeat, nextNews, beats) = (ContinuousClock.now, ContinuousClock.now, 0)
        while !state.update({ $0.isClosed }) {
            let heard = try db.notifications()
            var topics = heard.compactMap { Int($0) }.reduce(into: Topics()) { $0.formUnion(Topics(rawValue: $1)) }
            let isBeat =
                ContinuousClock.now >= nextBeat || topics.contains(.election) || state.update { $0.isImpatient }
            if isBeat {
                try beat(db)
                nextBeat = ContinuousClock.now + .milliseconds(Self.millisecondsPerBeat)
                beats += 1
                // Also at once after connecting: what was notified before was not heard.
                if beats % beatsPerRound == 1 { topics.formUnion(.all) }
            }
            if isBeat || !topics.isEmpty { counters.read(try db.counters()) }
            wakeups.fire(topics)
            state.update { ($0.failure, $0.hasBegun) = (nil, true) }
            let now = ContinuousClock.now
            if now >= nextNews, try tell(db) { nextNews = now + .milliseconds(Self.millisecondsBetweenNews) }
            let next = state.update { $0.topics.isEmpty } ? nextBeat : min(nextBeat, nextNews)
            db.wait(for: alarm.descriptor, milliseconds: max(1, Int(now.duration(to: next) / .milliseconds(1))))
            alarm.reset()
        }
    }

    /// False when there is nothing to tell.
    private func tell(_ db: DatabaseConnection) throws(StoreError) -> Bool {
        let topics = state.update { state in
            defer { state.topics = [] }
            return state.topics
        }
        if topics.isEmpty { return false }
        try notify(topics, db)
        return true
    }

    func notify(_ topics: Topics, _ db: DatabaseConnection) throws(StoreError) {
        try db.run([DatabaseQuery("SELECT pg_notify(\(Self.channel), $1)", [.text("\(topics.rawValue)")])])
    }

    static let channel = "'oneway_' || 'term'::regclass::oid"
}

extension Topics {
    /// Somebody gave up leading.
    static let election = Topics(rawValue: 1 << 20)
    static var all: Topics { Topic.allCases.reduce(into: []) { $0.formUnion(Topics($1)) } }
}

/// Wakes a thread that waits for a socket.
final class Alarm: Sendable {
    /// Readable while it rings.
    let descriptor: Int32
    private let bell: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let code = unsafe pipe(&ends)
        precondition(code == 0, "no pipe could be made")
        (descriptor, bell) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        Glibc.close(descriptor)
        Glibc.close(bell)
    }

    /// A full pipe rings already.
    func ring() { _ = unsafe write(bell, [1], 1) }

    func reset() {
        var rung = [UInt8](repeating: 0, count: 64)
        while unsafe read(descriptor, &rung, rung.count) == rung.count {}
    }

    func wait(milliseconds: Int) {
        var source = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        unsafe poll(&source, 1, Int32(milliseconds))
        reset()
    }
}
