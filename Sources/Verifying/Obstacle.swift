import DataverseClient
import Forwarding
import OnewayCore

/// Why a comparison cannot go on now.
enum Obstacle: Error, Sendable {
    /// The service is stopping.
    case stopping
    /// It goes on by itself then; nil: when something changes.
    case held(until: Timestamp?, says: String)
    /// Neither now nor later.
    case failed(String)

    init(_ obstacle: MarketoObstacle) {
        switch obstacle {
        case .stopping: self = .stopping
        case .held(let until, let says): self = .held(until: until, says: says)
        case .refused(let trouble): self = .failed("Marketo: \(trouble.code) \(trouble.message)")
        }
    }

    init(_ failure: DataverseFailure, retryAt: Timestamp) {
        switch failure {
        case .throttled(let until): self = .held(until: until, says: "Dynamics: \(failure.says)")
        case .unavailable, .unauthorized: self = .held(until: retryAt, says: "Dynamics: \(failure.says)")
        case .missingPrivilege, .unknownColumn, .unknownTable, .unreadable, .refused:
            self = .failed("Dynamics: \(failure.says)")
        }
    }
}
