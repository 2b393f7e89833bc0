import HTTPServer
import OnewayCore
import Threads

/// Whether notifications can be taken now, and if not, why. Read on every probe, so it is kept rather than computed.
final class Readiness: Sendable {
    enum Obstacle: String, CaseIterable {
        case starting, draining, store, disk
    }

    private let obstacles: Locked<Set<Obstacle>> = Locked([.starting])

    func set(_ obstacle: Obstacle, _ present: Bool) {
        obstacles.withLock { set in
            if present { set.insert(obstacle) } else { set.remove(obstacle) }
        }
    }

    var reasons: [Obstacle] {
        let present = obstacles.withLock { $0 }
        return Obstacle.allCases.filter(present.contains)
    }

    var response: Response {
        let reasons = reasons
        return Response(
            status: reasons.isEmpty ? 200 : 503,
            json: ["ready": .bool(reasons.isEmpty), "reasons": .array(reasons.map { .string($0.rawValue) })]
        )
    }
}
