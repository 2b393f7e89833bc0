import Completing
import Configuration
import DataverseClient
import OnewayCore
import Reading

/// What the check needs to know of Dynamics, read with few requests.
struct DynamicsSurvey: Sendable {
    struct Table: Sendable {
        let entity: Entity
        let outcome: DataverseOutcome<TableDefinition>
        /// Columns that the configuration names and the table lacks.
        let missing: [String]
    }

    let identity: DataverseOutcome<DataverseIdentity>
    /// Empty if Dynamics was not reached, or does not know us.
    private(set) var tables: [Table] = []
    private(set) var roles: DataverseOutcome<[ConnectionRole]>?

    /// Nil while the connection is not configured completely.
    static func client(_ settings: Configuration) -> DataverseClient? {
        guard let webApi = settings.dynamics.webApi, webApi.isComplete else { return nil }
        return DataverseClient(webApi)
    }

    /// Reads only the columns of opportunities, with their lengths. Nil as above.
    static func opportunity(_ settings: Configuration) async -> DataverseOutcome<TableDefinition>? {
        await client(settings)?.table(.opportunity, withLengths: true)
    }

    init(_ settings: Configuration, _ client: DataverseClient) async {
        identity = await client.whoAmI()
        guard case .success = identity else { return }
        let columns = RuleBook(RuleSettings(settings)).columns
        for entity in Entity.allCases {
            guard let columns = columns[entity], !columns.isEmpty else { continue }
            tables.append(await Self.table(entity, columns, client))
        }
        roles = await client.connectionRoles()
    }

    private static func table(_ entity: Entity, _ columns: Set<String>, _ client: DataverseClient) async -> Table {
        let definition = await client.table(entity)
        guard case .success(let table) = definition else {
            return Table(entity: entity, outcome: definition, missing: [])
        }
        let selection = RowSelection(columns, of: table)
        let outcome = await client.probe(selection).map { table }
        return Table(entity: entity, outcome: outcome, missing: selection.missing)
    }
}
