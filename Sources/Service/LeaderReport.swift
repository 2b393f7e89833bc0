import Admin
import Coordination
import OnewayCore
import Store

/// Writes down what the leader knows of Marketo and Dynamics, so that other replicas can show it.
final class LeaderReport: Running {
    private static let seconds = 2

    private let leadership: Leadership
    private let api: AdminAPI
    private let stopped = Latch()

    init(_ leadership: Leadership, _ api: AdminAPI) { (self.leadership, self.api) = (leadership, api) }

    func run() async {
        let end = Signal()
        let waiting = Task {
            await stopped.wait()
            end.fire()
        }
        var last: [UInt8]?
        while end.count == 0 {
            // Without the database nobody can be told, and the next time will do.
            if let leader = leadership.workers?.leader, let note = try? await api.leaderNote(), note != last,
                (try? await leader.setNote(AdminAPI.leaderNoteName, note)) != nil
            {
                last = note
            }
            await end.wait(after: 0, until: TimeSource.systemNow().adding(seconds: Self.seconds), .system)
        }
        await waiting.value
    }

    func stop() async { stopped.open() }
}
