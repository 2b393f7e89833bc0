import Applying
import Completing
import Coordination
import DataverseClient
import OnewayCore
import Store

extension Loader {
    /// One page of opportunities or of stakeholders.
    func readPage(_ load: inout LoadJob) async throws(StoreError) -> Next {
        // Every load begins here, whatever it reads.
        if load.requests == 0, let failure = await expect(&load) { return try await wait(failure, &load) }
        guard let entity = load.phase.entity, load.work.reads(entity) else {
            try await advance(&load)
            return .more
        }
        let query = RowQuery(from: load.work.since, isOfStakeholders: entity == .connection)
        switch await reader.page(query, load.cursor.link, of: entity) {
        case .failure(let failure) where failure.isRefusal && load.cursor.link != nil:
            return try await startAgain(failure, &load)
        case .failure(let failure): return try await wait(failure, &load)
        case .success(let page):
            answered()
            if load.cursor.beganAt == nil { load.cursor.beganAt = page.readAt.second }
            load.count(page.count - page.unreadable, of: entity)
            load.count(requests: 1)
            let isLast = page.next == nil
            load.cursor.link = page.next?.text
            try await merge(page, saving: isLast ? nil : load.job)
            if isLast { try await end(of: entity, &load) }
            return .more
        }
    }

    /// A link that Dynamics does not accept any more: the table is read from its beginning, which changes nothing that
    /// was merged.
    private func startAgain(_ failure: DataverseFailure, _ load: inout LoadJob) async throws(StoreError) -> Next {
        if let entity = load.phase.entity { load.job.counts[entity.rawValue] = 0 }
        load.cursor.link = nil
        try await store.save(load.job)
        return try await wait(failure, &load)
    }

    /// All rows of all opportunities: from now on it is known how many there are.
    private func end(of entity: Entity, _ load: inout LoadJob) async throws(StoreError) {
        load.expect(load.read(entity), of: entity)
        if entity == .opportunity, load.work.isOfAllOpportunities, let second = load.cursor.beganAt {
            let count = OpportunityCount(count: load.read(entity), at: Timestamp(second: second))
            try await store.setNote(OpportunityCount.note, count.bytes)
        }
        try await advance(&load)
    }

    /// In steps, the last of which saves the job too: a page is merged wholly, or read again. Only the rows of one step
    /// are in memory as values.
    private func merge(_ page: RowPage, saving job: Job?) async throws(StoreError) {
        let size = BulkMerger.recordsPerStep
        for start in stride(from: 0, to: max(1, page.count), by: size) {
            let isEnd = start + size >= page.count
            try await merge(page.rows(start..<start + size).map { ($0, page.readAt) }, isEnd ? job : nil)
        }
    }

    /// In steps, the last of which saves the job too.
    private func merge(
        _ rows: [(row: DynamicsRow, readAt: Timestamp)],
        gone: [MirrorRecord] = [],
        asking early: [RecordKey] = [],
        _ job: Job?
    ) async throws(StoreError) {
        let size = BulkMerger.recordsPerStep
        for start in stride(from: 0, to: max(1, rows.count), by: size) {
            let isEnd = start + size >= rows.count
            let (facts, unsettled) = reader.facts(rows[start..<min(start + size, rows.count)])
            var questions = Dictionary(uniqueKeysWithValues: unsettled.map { ($0, QuestionReason.refresh) })
            if isEnd { for key in early { questions[key] = .unknown } }
            try await merger.merge(isEnd ? facts + gone : facts, asking: questions, isEnd ? job : nil)
        }
    }

    /// How many rows there are, for the progress. Without them the load goes on all the same.
    private func expect(_ load: inout LoadJob) async -> DataverseFailure? {
        if load.work.since != nil { return nil }
        switch await reader.client.totals(Entity.reported) {
        case .success(let totals):
            for (entity, rows) in totals where entity != .connection {
                load.job.counts["all-\(entity.rawValue)"] = rows
            }
            if let rows = totals[.opportunity] { load.expect(rows, of: .opportunity) }
        case .failure(.refused), .failure(.unreadable), .failure(.missingPrivilege): break
        case .failure(let failure): return failure
        }
        load.count(requests: 1)
        return nil
    }
}

// MARK: Contacts and accounts

extension Loader {
    /// Some of the people or companies that are named.
    func readNamed(_ load: inout LoadJob) async throws(StoreError) -> Next {
        guard let entity = load.phase.entity, load.work.reads(entity) else {
            try await advance(&load)
            return .more
        }
        let named = NamedRecords(store: store, book: merger.book, entity: entity)
        guard let way = load.cursor.way else {
            try await choose(named, &load)
            return .more
        }
        return way == .table ? try await readTable(named, &load) : try await readIDs(named, &load)
    }

    /// By cost: a request costs about as much as moving a hundred rows. The ids of a hundred take a request; a page of the
    /// whole table takes one for thousands, most of which may be of no interest. So the whole table is read where at least
    /// half of it is named.
    private func choose(_ named: NamedRecords, _ load: inout LoadJob) async throws(StoreError) {
        if load.work.since != nil {
            load.cursor.way = .table
        } else {
            let (count, all) = (try await named.count(), load.job.counts["all-\(named.entity.rawValue)"])
            load.cursor.way = all.map { count * 2 >= $0 } ?? false ? .table : .ids
            load.expect(count, of: named.entity)
        }
        try await store.save(load.job)
    }

    private func readIDs(_ named: NamedRecords, _ load: inout LoadJob) async throws(StoreError) -> Next {
        let (ids, walked) = try await named.next(
            after: load.cursor.walked,
            notReadSince: load.cursor.beganAt ?? load.job.startedAt.second,
            idsMax: Self.idsPerStep
        )
        var after = load
        after.cursor.walked = walked
        if !ids.isEmpty {
            switch await reader.rows(ids, of: named.entity) {
            case .failure(let failure): return try await wait(failure, &load)
            case .success(let found):
                answered()
                after.count(found.rows.count, of: named.entity)
                after.count(requests: (ids.count + DataverseClient.idsPerRequest - 1) / DataverseClient.idsPerRequest)
                let (now, missing) = (time.now(), found.missing.map { RecordKey(named.entity, $0) })
                let known = try await store.records(missing)
                let early = missing.filter { MirrorRecord.mayBeInCreation(known[$0], now: now) }
                let gone = Set(missing).subtracting(early).sorted().map { MirrorRecord(gone: $0, now: now) }
                try await merge(found.rows, gone: gone, asking: early, walked == nil ? nil : after.job)
            }
        }
        load = after
        if walked == nil { try await advance(&load) }
        return .more
    }

    private func readTable(_ named: NamedRecords, _ load: inout LoadJob) async throws(StoreError) -> Next {
        switch await reader.page(RowQuery(from: load.work.since), load.cursor.link, of: named.entity) {
        case .failure(let failure) where failure.isRefusal && load.cursor.link != nil:
            return try await startAgain(failure, &load)
        case .failure(let failure): return try await wait(failure, &load)
        case .success(let page):
            answered()
            load.count(requests: 1)
            load.cursor.link = page.next?.text
            let size = BulkMerger.recordsPerStep
            for start in stride(from: 0, to: max(1, page.count), by: size) {
                let some = page.rows(start..<start + size)
                let wanted = try await named.wanted(some.map(\.key.id))
                let rows = some.filter { wanted.contains($0.key.id) }
                load.count(rows.count, of: named.entity)
                let isEnd = page.next != nil && start + size >= page.count
                try await merge(rows.map { ($0, page.readAt) }, isEnd ? load.job : nil)
            }
            if page.next == nil { try await advance(&load) }
            return .more
        }
    }
}

extension DataverseFailure {
    /// Of this very request: another one may succeed.
    fileprivate var isRefusal: Bool { if case .refused = self { true } else { false } }
}
