import Applying
import Coordination
import DataverseClient
import Loading
import OnewayCore
import Store
import Telemetry

extension Reconciler {
    /// How this table is compared now.
    func choose(_ job: inout ReconcileJob) async throws(StoreError) -> Next {
        let selection: RowSelection
        switch await reader.selection(of: job.entity) {
        case .success(let known): selection = known
        case .failure(let failure): return try await pass(failure, &job)
        }
        let state = try await state(of: job.entity)
        let isTracked = selection.table.tracksChanges
        let isLinkGood = isTracked && state?.columns == selection.select
        if let state, let link = state.link, isLinkGood {
            (job.cursor.phase, job.cursor.isTracked, job.cursor.link) = (.changes, true, link)
        } else if let state, state.link == nil, time.now().second - state.allReadAt < Self.allEverySeconds {
            (job.cursor.phase, job.cursor.since) = (.changes, state.readAt - Self.overlapSeconds)
        } else {
            job.cursor.readAll(isTracked: isTracked)
        }
        job.cursor.phaseBeganAt = time.now().milliseconds
        try await store.save(job.job)
        return .more
    }

    func state(of entity: Entity) async throws(StoreError) -> TableState? {
        try await store.note(TableState.note(entity)).flatMap(TableState.init)
    }

    /// A page, whichever way it was read.
    struct Page: Sendable {
        let rows: RowPage
        var deleted: [GUID] = []
        let next: DataverseLink?
        /// On the last page, to what changes later.
        var later: DataverseLink?
    }

    private enum Answer {
        case page(Page)
        /// The changes cannot be told: all rows have to be read.
        case again(isTracked: Bool)
    }

    private func page(_ cursor: ReconcileCursor) async -> DataverseOutcome<Answer> {
        guard cursor.isTracked else {
            let query = RowQuery(
                from: cursor.since.map { Timestamp(second: $0) },
                isOfStakeholders: cursor.entity == .connection
            )
            return await reader.page(query, cursor.link, of: cursor.entity).map { page in
                .page(Page(rows: page, next: page.next))
            }
        }
        return await reader.changes(cursor.link, of: cursor.entity).map { found in
            switch found {
            case .expired: return .again(isTracked: true)
            case .notTracked: return .again(isTracked: false)
            case .page(let page):
                var next: DataverseLink?
                var later: DataverseLink?
                switch page.next {
                case .page(let link): next = link
                case .later(let link): later = link
                }
                return .page(Page(rows: page.found, deleted: page.deleted, next: next, later: later))
            }
        }
    }

    private static let restartsMax = 4

    func readPage(_ job: inout ReconcileJob) async throws(StoreError) -> Next {
        job.count("requests")
        metrics.note(requests: 1)
        switch await page(job.cursor) {
        case .success(.page(let page)):
            answered()
            return try await take(page, &job)
        case .success(.again(let isTracked)):
            answered()
            log.info("a table is compared as a whole", [.kind: .text(job.entity.rawValue)])
            try await readAll(isTracked: isTracked, &job)
            return .more
        // A link that Dynamics does not accept any more.
        case .failure(.refused(let code, let words)) where job.cursor.link != nil:
            job.count("restarts")
            guard job.job.counts["restarts"] ?? 0 <= Self.restartsMax else {
                return try await pass(.refused(code: code, words: words), &job)
            }
            log.warning("a table is compared as a whole", [.kind: .text(job.entity.rawValue), .error: .text(words)])
            try await readAll(isTracked: job.cursor.isTracked, &job)
            return .more
        case .failure(let failure): return try await pass(failure, &job)
        }
    }

    private func readAll(isTracked: Bool, _ job: inout ReconcileJob) async throws(StoreError) {
        job.cursor.readAll(isTracked: isTracked)
        job.cursor.phaseBeganAt = time.now().milliseconds
        try await store.save(job.job)
    }

    private func take(_ page: Page, _ job: inout ReconcileJob) async throws(StoreError) -> Next {
        var after = job
        if after.cursor.beganAt == nil { after.cursor.beganAt = page.rows.readAt.second }
        let rows = page.rows.count - page.rows.unreadable
        after.count("rows", rows)
        after.cursor.rows += rows
        after.cursor.link = page.next?.text
        after.cursor.later = page.later?.text
        var found = Found(page: page.rows, readAt: page.rows.readAt)
        found.gone = try await alive(page.deleted.map { RecordKey(job.entity, $0) })
        if job.cursor.beganAt == nil {
            found.incomplete = Set(try await store.openQuestions(of: job.entity, limit: Self.questionsMax).map(\.key))
        }
        for part in 0..<found.parts {
            let (facts, unsettled) = try await facts(part, of: found, job.entity)
            found.suspects += try await merger.discoveries(in: facts)
            found.unsettled += unsettled
            found.incomplete.formUnion(try await nameless(facts, job))
        }
        return try await settle(found, job, after)
    }

    /// What a part says. All of a large page as values would need several times the memory.
    func facts(
        _ part: Int,
        of found: Found,
        _ entity: Entity
    ) async throws(StoreError) -> (facts: [MirrorRecord], unsettled: [RecordKey]) {
        let size = BulkMerger.recordsPerStep
        let start = part * size
        guard let page = found.page, start < page.count else {
            let answers = found.answers.dropFirst((part - found.partsOfPage) * size).prefix(size)
            return (Array(answers), [])
        }
        let rows = try await relevant(page.rows(start..<start + size), of: entity)
        let answered = Set(found.answers.map(\.key))
        return reader.facts(
            rows.filter { !answered.contains($0.key) }.map { (row: $0, readAt: page.readAt) }
        )
    }

    /// Of all rows, those that matter to opportunities.
    private func relevant(_ rows: [DynamicsRow], of entity: Entity) async throws(StoreError) -> [DynamicsRow] {
        switch entity {
        case .opportunity: return rows
        case .connection:
            return rows.filter { row in
                row.columns["record1id"]?.reference?.entity == Entity.opportunity.rawValue
                    && row.columns["record2id"]?.reference?.entity == Entity.contact.rawValue
            }
        case .contact, .account, .systemUser:
            let named = NamedRecords(store: store, book: merger.book, entity: entity)
            let wanted = try await named.wanted(rows.map(\.key.id))
            return rows.filter { wanted.contains($0.key.id) }
        }
    }

    /// Records that have to be read alone to be complete: changes are told without the names of look-ups' targets.
    private func nameless(_ facts: [MirrorRecord], _ job: ReconcileJob) async throws(StoreError) -> [RecordKey] {
        let columns = merger.book.columns[job.entity] ?? []
        guard job.cursor.isTracked, columns.contains(where: { DynamicsRow.lookup(namedBy: $0) != nil }) else {
            return []
        }
        let known = try await store.records(facts.map(\.key))
        return facts.filter { (known[$0.key] ?? MirrorRecord($0.key)).lacksName(in: $0, columns) }.map(\.key)
    }

    /// What the rules still ask for may have been asked in vain.
    private static let questionsMax = 500

    /// Those that are known, and not known to be deleted.
    func alive(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey] {
        if keys.isEmpty { return [] }
        return try await store.records(keys).values.filter { !$0.isDeleted }.map(\.key).sorted()
    }

    // MARK: What was not among all rows

    /// Records that are looked at in one step, and those that are asked for.
    private static let walkedMax = 500

    func lookForMissing(_ job: inout ReconcileJob) async throws(StoreError) -> Next {
        let records = try await store.records(of: job.entity, after: job.cursor.walked, limit: Self.walkedMax)
        let began = job.cursor.beganAt ?? 0
        var missing = records.filter { $0.isMissing(since: began) }.map(\.key)
        var walked = records.count == Self.walkedMax ? records.last?.key.id : nil
        if missing.count > DataverseClient.idsPerRequest {
            missing = Array(missing.prefix(DataverseClient.idsPerRequest))
            walked = missing.last?.id
        }
        var after = job
        after.cursor.walked = walked
        let found = Found(page: nil, readAt: Timestamp(second: began), gone: missing)
        return try await settle(found, job, after)
    }
}

extension MirrorRecord {
    /// Whether it ought to have been among all rows that were read since then, and was not.
    fileprivate func isMissing(since second: Int64) -> Bool {
        if isDeleted || isUnheardOf || (revivedAt ?? .min) >= second { return false }
        // It was created, or at least changed, since.
        if attributes.values.contains(where: { $0.stamp.second >= second }) { return false }
        guard key.entity == .connection, let from = self["record1id"]?.reference, let to = self["record2id"]?.reference
        else { return true }
        // Others are not read.
        return from.entity == Entity.opportunity.rawValue && to.entity == Entity.contact.rawValue
    }
}
