package import Completing
package import DataverseClient
package import OnewayCore

/// Reads tables of Dynamics in pages, as facts for the mirror.
package struct TableReader: Sendable {
    /// Dynamics' own limit: the fewest requests.
    package static let rowsPerPage = 5_000

    let tables: Tables
    let marketoUsers: Set<GUID>

    package init(tables: Tables, marketoUsers: Set<GUID>) {
        (self.tables, self.marketoUsers) = (tables, marketoUsers)
    }

    package var client: DataverseClient { tables.client }

    /// The first page of a query, or the one that a link leads to.
    package func page(
        _ query: RowQuery,
        _ link: String?,
        of entity: Entity,
        rowsMax: Int = rowsPerPage
    ) async -> DataverseOutcome<RowPage> {
        guard let link else { return await tables.page(query, of: entity, rowsMax: rowsMax) }
        return await tables.page(DataverseLink(link), of: entity, rowsMax: rowsMax)
    }

    /// What has changed since the link was given; without one, all rows.
    package func changes(_ link: String?, of entity: Entity) async -> DataverseOutcome<ChangesFound> {
        let selection: RowSelection
        switch await tables.selection(of: entity) {
        case .success(let known): selection = known
        case .failure(let failure): return .failure(failure)
        }
        guard let link else { return await client.changes(selection, rowsMax: Self.rowsPerPage) }
        return await client.changes(DataverseLink(link), selection, rowsMax: Self.rowsPerPage)
    }

    package func selection(of entity: Entity) async -> DataverseOutcome<RowSelection> {
        await tables.selection(of: entity)
    }

    package func rows(_ ids: [GUID], of entity: Entity) async -> DataverseOutcome<RowsFound> {
        await tables.rows(ids, of: entity)
    }

    /// What some rows say, and those that have to be read again because they were just being modified.
    package func facts(
        _ rows: some Sequence<(row: DynamicsRow, readAt: Timestamp)>
    ) -> (facts: [MirrorRecord], unsettled: [RecordKey]) {
        var (facts, unsettled) = ([MirrorRecord](), [RecordKey]())
        for (row, readAt) in rows {
            if let fact = MirrorRecord(row: row, readAt: readAt, marketoUsers) {
                facts.append(fact)
            } else {
                unsettled.append(row.key)
            }
        }
        return (facts, unsettled)
    }
}
