public import OnewayCore
import Threads

// Changes to rows. Each is atomic with respect to calls. If a synchronous step refuses a change, it is not applied, and
// this throws.
extension SandboxDataverse {
    public typealias Values = [String: ColumnValue?]

    /// The user and the depth of a change, and whether it bypasses steps.
    public struct Manner: Sendable {
        public var user: GUID
        public var depth: Int
        public var bypassesSteps: Bool

        public init(
            user: GUID = Company.salesPerson,
            depth: Int = 1,
            bypassesSteps: Bool = false
        ) {
            self.user = user
            self.depth = depth
            self.bypassesSteps = bypassesSteps
        }

        var origin: Origin { Origin(user: user, depth: depth, bypassesSteps: bypassesSteps) }
    }

    /// Returns the row's id.
    @discardableResult
    public func create(
        _ table: String,
        _ values: Values,
        id: GUID? = nil,
        _ manner: Manner = Manner()
    ) async throws(DataverseError) -> GUID {
        try await pipeline.apply(.create(table: table, id: id, values), by: manner.origin)
    }

    public func update(
        _ table: String,
        _ id: GUID,
        _ values: Values,
        _ manner: Manner = Manner()
    ) async throws(DataverseError) {
        _ = try await pipeline.apply(.update(table: table, id, values), by: manner.origin)
    }

    public func delete(_ table: String, _ id: GUID, _ manner: Manner = Manner()) async throws(DataverseError) {
        _ = try await pipeline.apply(.delete(table: table, id), by: manner.origin)
    }

    /// Wins or loses an opportunity. The actual value of a won one defaults to the estimated value.
    public func close(
        _ opportunity: GUID,
        won: Bool,
        actualValue: String? = nil,
        _ manner: Manner = Manner()
    ) async throws(DataverseError) {
        _ = try await pipeline.apply(
            .close(opportunity: opportunity, won: won, actualValue: actualValue),
            by: manner.origin
        )
    }

    public func merge(
        _ table: String,
        into master: GUID,
        _ subordinate: GUID,
        _ manner: Manner = Manner()
    ) async throws(DataverseError) {
        _ = try await pipeline.apply(
            .merge(table: table, master: master, subordinate: subordinate),
            by: manner.origin
        )
    }

    /// Makes a contact a stakeholder of an opportunity. Returns the id of the connection from the opportunity to the
    /// contact.
    @discardableResult
    public func connect(
        _ opportunity: GUID,
        _ contact: GUID,
        role: GUID = Company.stakeholderRole,
        _ manner: Manner = Manner()
    ) async throws(DataverseError) -> GUID {
        try await create(
            "connection",
            [
                "record1id": .lookup(RowReference("opportunity", opportunity)),
                "record2id": .lookup(RowReference("contact", contact)),
                "record2roleid": .lookup(RowReference("connectionrole", role)),
            ],
            manner
        )
    }

    /// Makes one plausible change, the same for the same seed and rows. Returns a description.
    @discardableResult
    public func step(_ seed: UInt64, bypassesSteps: Bool = false) async throws(DataverseError) -> String {
        let change = instance.withLock { ChangeGenerator(book: $0.book, seed: seed, now: now()).change }
        let manner = Manner(user: change.user, bypassesSteps: bypassesSteps)
        _ = try await pipeline.apply(change.operation, by: manner.origin)
        return change.says
    }

    /// Adds many rows without notifications.
    public func grow(_ growth: Growth) { instance.withLock { Company.grow(&$0.book, growth, now: now()) } }

    public func grow(opportunities: Int) { grow(Growth(opportunities: opportunities)) }
}
