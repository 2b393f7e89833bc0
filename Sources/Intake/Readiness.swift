package import HTTPServer
import OnewayCore
package import Store
import Threads

/// Whether notifications can be accepted now, and if not, why.
package final class Readiness: Sendable {
    package enum Obstacle: String, CaseIterable, Sendable {
        case starting, draining, store, disk
    }

    private let store: any StoreIntake
    private let obstacles: Locked<Set<Obstacle>> = Locked([.starting])

    package init(store: any StoreIntake) { self.store = store }

    package func set(_ obstacle: Obstacle, _ present: Bool) {
        obstacles.withLock { set in
            if present { set.insert(obstacle) } else { set.remove(obstacle) }
        }
    }

    package var reasons: [Obstacle] {
        var present = obstacles.withLock { $0 }
        if let failure = store.failure { present.insert(failure.kind == .diskFull ? .disk : .store) }
        return Obstacle.allCases.filter(present.contains)
    }

    package var response: Response {
        let reasons = reasons
        return Response(
            status: reasons.isEmpty ? 200 : 503,
            json: ["ready": .bool(reasons.isEmpty), "reasons": .array(reasons.map { .string($0.rawValue) })]
        )
    }
}
