public import Configuration
public import OnewayCore
public import Store

/// What other settings would change in Marketo, against what it confirmed last. Reads a store, and writes nothing.
public struct MappingChanges: Sendable {
    private let projector: Projector

    public init(_ settings: Configuration, store: any Store) {
        projector = Projector(settings, store: store)
    }

    /// Each change as it is found, with the number of its selected values that nobody has told.
    public func each(_ visit: (_ change: Change, _ unknown: Int) -> Void) async throws(StoreError) {
        try await projector.eachChange(visit)
    }
}
