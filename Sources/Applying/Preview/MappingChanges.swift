public import Configuration
public import OnewayCore
public import Store

/// What other settings would change in Marketo, against what it confirmed last. Reads a store, and writes nothing.
public struct MappingChanges: Sendable {
    private let projector: Projector

    public init(_ settings: Configuration, store: any StoreQueries) {
        projector = Projector(settings, store: store)
    }

    /// Each change as it is found. Answers how many selected values nobody has told, over all opportunities.
    public func each(_ visit: (Change) -> Void) async throws(StoreError) -> Int {
        try await projector.eachChange(visit)
    }
}
