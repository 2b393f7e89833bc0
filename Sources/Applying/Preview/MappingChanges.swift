public import Configuration
public import OnewayCore
public import Store

/// The changes that other settings would make in what Marketo is to hold: a difference between rules, whatever has
/// arrived there by now. Reads a store and writes nothing.
public struct MappingChanges: Sendable {
    private let projector: Projector

    public init(_ settings: Configuration, store: any StoreQueries) {
        projector = Projector(settings, store: store)
    }

    /// Visits each change as it is found. Returns the number of selected values that no notification contained, over
    /// all opportunities.
    public func each(_ visit: (Change) -> Void) async throws(StoreError) -> Int {
        try await projector.eachChange(visit)
    }
}
