import Applying
import Intake
import OnewayCore
import Store

/// How counters grow, and how the disk fills.
struct HealthTrends: Sendable {
    private var turnedAway: Growth
    private var unauthorized: Growth
    private var setAside: Growth
    private var commits: Growth
    private var slowCommits: Growth
    private var free: Growth?

    init(_ now: Timestamp) {
        turnedAway = Growth(over: 300, at: now)
        unauthorized = Growth(over: 900, at: now)
        setAside = Growth(over: 3600, at: now)
        commits = Growth(over: 600, at: now)
        slowCommits = Growth(over: 600, at: now)
    }

    mutating func add(_ subjects: HealthWatch.Subjects, to facts: inout HealthFacts) {
        let now = facts.now
        if let metrics = subjects.metrics {
            facts.turnedAway = Int(turnedAway.look(Int64(metrics.intake.turnedAway), now))
            facts.unauthorized = Int(unauthorized.look(Int64(metrics.intake.unauthorized), now))
            facts.setAside = Int(setAside.look(Int64(metrics.applying.setAsideSoFar), now))
            facts.commits = Int(commits.look(Int64(metrics.commits.all), now))
            facts.slowCommits = Int(slowCommits.look(Int64(metrics.commits.slow), now))
            facts.openDescriptors = Int(ProcessFigures.openDescriptors ?? 0)
            facts.descriptorsMax = ProcessFigures.descriptorsMax.flatMap { $0.isFinite ? Int($0) : nil }
        }
        guard let room = subjects.store.room else { return }
        facts.logBytes = room.log
        guard let free = room.free else { return }
        facts.diskFree = free
        var growth = self.free ?? Growth(over: 6 * 3600, from: free, at: now)
        facts.diskFreeTomorrow = growth.extrapolate(free, now, seconds: 86_400)
        self.free = growth
    }
}
