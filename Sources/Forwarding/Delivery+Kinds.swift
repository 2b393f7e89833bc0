import Coordination
import MarketoClient
import OnewayCore
import Store
import Telemetry
import Threads

// Companies, sales persons, and opportunities (R13): what each needs before it can be sent.
extension Delivery {
    mutating func deliver(_ items: [OutboxItem]) async {
        do throws(StoreError) {
            switch kind {
            case .company, .salesPerson: await deliverShared(items)
            case .opportunity: try await deliverOpportunities(items)
            case .role: try await deliverRoles(items)
            case .person: try await deliverPeople(items)
            }
        } catch {
            // The claims expire.
            context.log.error("the outbox cannot be read", [.kind: .text(kind.rawValue), .error: .text("\(error)")])
        }
        end()
    }

    private mutating func deliverShared(_ items: [OutboxItem]) async {
        // Never deleted (R11): one that is not wanted any more is left as it is.
        await settle(items.filter { $0.state.desired == nil }.map { Settlement($0, .confirmed(requestID: nil)) })
        await sync(items)
    }

    private mutating func deliverOpportunities(_ items: [OutboxItem]) async throws(StoreError) {
        let leaving = items.filter { $0.state.desired == nil }
        // In this order, before their roles are read: a role that is claimed later sees this.
        context.leaving.withLock { $0.formUnion(leaving.map(\.key.text)) }
        defer { context.leaving.withLock { $0.subtract(leaving.map(\.key.text)) } }
        let ready = try await withSalesPerson(withCompany(items.filter { $0.state.desired != nil }))
        let departing = try await withoutRoles(leaving)
        await sync(ready)
        await delete(departing)
    }

    /// Returns those whose company is in Marketo; the others wait.
    mutating func withCompany(_ items: [OutboxItem]) async throws(StoreError) -> [OutboxItem] {
        let company = { (item: OutboxItem) in item.text("externalCompanyId").map { DeliveryKey(.company, $0) } }
        return try await with(.company, items, company) { $0.state.confirmed != nil }
    }

    /// Returns those that need no other record, or one that is not Oneway's or is ready; the others wait for it.
    mutating func with(
        _ reason: WaitReason,
        _ items: [OutboxItem],
        _ needed: (OutboxItem) -> DeliveryKey?,
        _ isReady: (OutboxItem) -> Bool
    ) async throws(StoreError) -> [OutboxItem] {
        let next = dependencyTime(context.time.now())
        var (ready, waiting) = ([OutboxItem](), [Settlement]())
        var isThere: [DeliveryKey: Bool] = [:]
        for item in items {
            let other = needed(item)
            if let other, isThere[other] == nil {
                isThere[other] = try await context.store.outboxItem(other).map(isReady) ?? true
            }
            if let other, isThere[other] == false {
                waiting.append(Settlement(item, .waits(for: reason, on: other, next: next)))
            } else {
                ready.append(item)
            }
        }
        await settle(waiting)
        return ready
    }

    /// Returns those whose own roles are gone from Marketo; the others wait.
    private mutating func withoutRoles(_ items: [OutboxItem]) async throws(StoreError) -> [OutboxItem] {
        let next = dependencyTime(context.time.now())
        let roles = try await context.store.outbox(of: items.compactMap(\.opportunity))
        var (ready, waiting, givenUp) = ([OutboxItem](), [Settlement](), [DeliveryKey]())
        for item in items {
            let own = (roles[item.opportunity ?? .zero] ?? []).filter { $0.key.kind == .role }
            if let role = own.first(where: \.state.mustGoFirst) {
                waiting.append(Settlement(item, .waits(for: .opportunity, on: role.key, next: next)))
            } else {
                ready.append(item)
                givenUp += own.filter { $0.state.confirmed != nil }.map(\.key)
            }
        }
        await settle(waiting)
        // These roles go with it.
        try await context.store.doubt(givenUp, now: context.time.now())
        return ready
    }

    func dependencyTime(_ now: Timestamp) -> Timestamp {
        now.adding(milliseconds: DeliveryContext.dependencyPauseMilliseconds)
    }

    /// Sends them as desired, without the fields that Marketo does not accept.
    private mutating func sync(_ items: [OutboxItem]) async {
        let wanted = items.filter { $0.state.desired != nil }
        if wanted.isEmpty { return }
        if context.fields.isOutdated(kind) { await learnFields() }
        let outgoing = wanted.map { item in
            var outgoing = OutgoingRecord(items: [item], wire: item.state.desired ?? [])
            leaveOutUnknown(&outgoing)
            return outgoing
        }
        // Records that have failed on their own are not sent together with others again.
        await send(.sync, outgoing.filter { $0.attempts == 0 })
        await send(.sync, outgoing.filter { $0.attempts > 0 })
    }

    /// Deletes all roles of an opportunity first, including those made by others (R11).
    private mutating func delete(_ items: [OutboxItem]) async {
        let outgoing = items.map { item in
            let key: JSON = ["externalOpportunityId": .string(item.key.text)]
            return OutgoingRecord(items: [item], wire: key.encoded)
        }
        for batch in MarketoBatches.cut(outgoing, bytes: \.wire.count) { await delete(batch: batch) }
    }

    private mutating func delete(batch: ArraySlice<OutgoingRecord>) async {
        switch await roles(of: batch.flatMap(\.items).map(\.key.text)) {
        case .held(let roles):
            for roles in MarketoBatches.cut(roles, bytes: \.count) {
                if !(await delete(roles: Array(roles), of: batch)) { return }
            }
            await send(.delete, Array(batch))
        case .refused(let disposition, let trouble, let requestID):
            await rolesRefused(of: batch, disposition, trouble, requestID)
        case .unavailable:
            let now = context.time.now()
            await settle(batch) { _ in .postponed(next: now) }
        }
    }

    /// False: some may be there still, so that their opportunities stay for now; all have a verdict.
    private mutating func delete(roles: [[UInt8]], of batch: ArraySlice<OutgoingRecord>) async -> Bool {
        guard let deletion = MarketoCall.delete(.role, roles) else { return true }
        let (reading, now) = (await call(deletion, .delete, of: .role), context.time.now())
        switch (reading, reading?.whole) {
        case (nil, _): await settle(batch) { _ in .postponed(next: now) }
        case (let reading?, nil):
            for case .refused(let complaints) in reading.records {
                let (disposition, trouble) = CallReading.deciding(complaints, .delete, .role)
                if disposition == .done { continue }
                await rolesRefused(of: batch, disposition, trouble, reading.requestID)
                return false
            }
            return true
        case (_, .refused(.done, _)):
            // Of several, one is gone, which says nothing about the others.
            guard let (first, second) = MarketoBatches.halved(roles[...]) else { return true }
            return await delete(roles: Array(first), of: batch) ? await delete(roles: Array(second), of: batch) : false
        case (_, .notSent(let trouble)), (_, .unknown(let trouble)):
            await settle(batch) { _ in .again(DeliveryRetry(trouble, next: now, isCounted: false)) }
        case (_, .unclear(let trouble)): await rolesRefused(of: batch, .again, trouble, nil)
        case (_, .refused(let disposition, let trouble)):
            await rolesRefused(of: batch, disposition, trouble, reading?.requestID)
        }
        return false
    }

    /// What keeps one opportunity's roles from being found or deleted does not hold up the others.
    private mutating func rolesRefused(
        of batch: ArraySlice<OutgoingRecord>,
        _ disposition: ErrorDisposition,
        _ trouble: DeliveryTrouble,
        _ requestID: String?
    ) async {
        if disposition.mayBeOneRecord, let (first, second) = MarketoBatches.halved(batch) {
            await delete(batch: first)
            await delete(batch: second)
        } else {
            let refusals = batch.map { RefusedRecord(outgoing: $0, trouble: trouble) }
            await treat(refusals, disposition == .noLead ? .again : disposition, requestID, .delete)
        }
    }

    private enum RolesHeld {
        /// Their keys.
        case held([[UInt8]])
        case refused(ErrorDisposition, DeliveryTrouble, requestID: String?)
        case unavailable
    }

    /// Finds all roles of these opportunities in Marketo.
    private mutating func roles(of opportunities: [String]) async -> RolesHeld {
        var (keys, page) = ([[UInt8]](), String?.none)
        repeat {
            let asked = MarketoCall.find(
                .role,
                ids: opportunities,
                by: "externalOpportunityId",
                fields: ["externalOpportunityId", "leadId", "role"],
                page: page
            )
            guard let reading = await call(asked, .read, of: .role) else { return .unavailable }
            switch reading.whole {
            case nil: break
            case .refused(_, let trouble) where trouble.code == "702": return .held(keys)
            case .refused(let disposition, let trouble):
                return .refused(disposition, trouble, requestID: reading.requestID)
            case .notSent, .unknown, .unclear: return .unavailable
            }
            keys += (reading.answer?.results ?? []).compactMap { RoleKey($0.fields)?.wire }
            page = reading.answer?.nextPage
        } while page != nil
        return .held(keys)
    }
}

// MARK: Fields

extension Delivery {
    /// Learns which fields Marketo accepts. Without an answer everything is sent as it is.
    mutating func learnFields() async {
        guard let reading = await call(.describe(kind), .read, of: kind), reading.whole == nil,
            let answer = reading.answer, let fields = try? MarketoFields(answer)
        else { return }
        context.fields.learn(kind, fields)
    }

    func withoutStranger(_ outgoing: OutgoingRecord) -> OutgoingRecord {
        var outgoing = outgoing
        if let owner = outgoing.owner, context.fields.isStranger(owner) {
            _ = outgoing.leaveOutOwner(code: "718", clearsEarlier: context.sendsSalesPersons)
        }
        return outgoing
    }

    func leaveOutUnknown(_ outgoing: inout OutgoingRecord) {
        let (fields, kind) = (context.fields, kind)
        outgoing = withoutStranger(outgoing)
        guard fields.fields(kind) != nil else { return }
        let gone = outgoing.leaveOut(code: "1006") { fields.takes($0, kind) == false }
        if !gone.isEmpty { fields.note(gone, kind) }
    }
}

extension DeliveryState {
    /// A role that is, or may be, in Marketo, and that has not been given up: it keeps its opportunity there.
    var mustGoFirst: Bool { stage != .parked && (confirmed != nil || isClaimed || isInDoubt) }

}
