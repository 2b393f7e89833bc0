import Admin
import Coordination
import OnewayCore
import Store

/// Writes down what the leader knows of Marketo and Dynamics, so that other replicas can show it.
final class LeaderReport: Running {
    private static let seconds = 2

    private let leadership: Leadership
    private let view: LeaderView
    private let stopped = Latch()

    init(_ leadership: Leadership, _ view: LeaderView) { (self.leadership, self.view) = (leadership, view) }

    func run() async {
        let end = Signal()
        let waiting = Task {
            await stopped.wait()
            end.fire()
        }
        var last: [UInt8]?
        while end.count == 0 {
            // Without the database nobody can be told, and the next time will do.
            if let leader = leadership.workers?.leader, let note = try? await view.note(), note != last,
                (try? await leader.setNote(LeaderView.noteName, note)) != nil
            {
                last = note
            }
            await end.wait(after: 0, until: TimeSource.systemNow().adding(seconds: Self.seconds), .system)
        }
        await waiting.value
    }

    func stop() async { stopped.open() }
}
