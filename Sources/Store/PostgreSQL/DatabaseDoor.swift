import Threads

/// Makes connections. The first of a service that succeeds creates the tables, or migrates them.
final class DatabaseDoor: Sendable {
    private let address: DatabaseAddress
    private let name: String
    private let hasTables: Locked<Bool>

    var secondsOfSilenceMax: Int { address.secondsOfSilenceMax }

    init(_ address: DatabaseAddress, name: String, hasTables: Bool = false) {
        (self.address, self.name) = (address, name)
        self.hasTables = Locked(hasTables)
    }

    /// - Parameter purpose: What administrators see beside the name.
    func open(_ purpose: String = "") throws(StoreError) -> DatabaseConnection {
        let connection = try DatabaseConnection(address, name: name + purpose)
        if hasTables.withLock(\.self) { return connection }
        // Several at once wait for each other in the database.
        try DatabaseSchema.migrate(connection)
        hasTables.withLock { $0 = true }
        return connection
    }
}
