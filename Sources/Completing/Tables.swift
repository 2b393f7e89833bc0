package import DataverseClient
package import OnewayCore
import Threads

/// The tables of the environment, with the columns that the mirror keeps. A definition is asked for once, and again when
/// a column is unknown: somebody may have changed the table.
package final class Tables: Sendable {
    package let client: DataverseClient
    private let columns: [Entity: Set<String>]
    private let selections = Locked<[Entity: RowSelection]>([:])

    package init(client: DataverseClient, columns: [Entity: Set<String>]) {
        self.client = client
        self.columns = columns
    }

    /// Whether the rules need any of it.
    func reads(_ entity: Entity) -> Bool { !(columns[entity] ?? []).isEmpty }

    package func rows(_ ids: [GUID], of entity: Entity) async -> DataverseOutcome<RowsFound> {
        await read(entity, \.unreadable) { selection in await client.rows(ids, selection) }
    }

    /// The first page of a query.
    package func page(_ query: RowQuery, of entity: Entity, rowsMax: Int) async -> DataverseOutcome<RowPage> {
        await read(entity, \.unreadable) { selection in await client.page(matching: query, selection, rowsMax: rowsMax)
        }
    }

    /// Another page, with the same `rowsMax`.
    package func page(_ link: DataverseLink, of entity: Entity, rowsMax: Int) async -> DataverseOutcome<RowPage> {
        await read(entity, \.unreadable) { selection in await client.page(link, selection, rowsMax: rowsMax) }
    }

    private func read<Answer: Sendable>(
        _ entity: Entity,
        _ unreadable: (Answer) -> Int,
        _ ask: (RowSelection) async -> DataverseOutcome<Answer>
    ) async -> DataverseOutcome<Answer> {
        let selection: RowSelection
        switch await self.selection(of: entity) {
        case .success(let known): selection = known
        case .failure(let failure): return .failure(failure)
        }
        let outcome = await ask(selection)
        switch outcome {
        case .failure(.unknownColumn): selections.withLock { $0[entity] = nil }
        case .success(let answer) where unreadable(answer) > 0: selections.withLock { $0[entity] = nil }
        default: break
        }
        return outcome
    }

    package func selection(of entity: Entity) async -> DataverseOutcome<RowSelection> {
        if let known = selections.withLock({ $0[entity] }) { return .success(known) }
        return await client.table(entity).map { table in
            let selection = RowSelection(columns[entity] ?? [], of: table)
            selections.withLock { $0[entity] = selection }
            return selection
        }
    }
}
