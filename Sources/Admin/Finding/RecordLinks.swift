package import Configuration
import OnewayCore

/// Where people see a record with their own browser, as far as the configuration tells.
package struct RecordLinks: Sendable {
    /// Nil: Dynamics is not connected.
    private let dynamics: String?

    package init(_ settings: Configuration) { dynamics = settings.dynamics.webApi?.url }

    package init(dynamics: String? = nil) { self.dynamics = dynamics }

    func dynamics(_ key: RecordKey) -> String? {
        dynamics.map { "\($0)/main.aspx?pagetype=entityrecord&etn=\(key.entity.rawValue)&id=\(key.id)" }
    }
}
