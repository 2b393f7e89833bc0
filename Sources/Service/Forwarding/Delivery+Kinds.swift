import MarketoClient
import OnewayCore
import Store
import Telemetry
import Threads

// Companies and opportunities (R13): what each needs before it can go.
extension Delivery {
    mutating func deliver(_ items: [OutboxItem]) async {
        do throws(StoreError) {
            switch kind {
            case .company: try await deliverCompanies(items)
            case .opportunity: try await deliverOpportunities(items)
            case .role: try await deliverRoles(items)
            }
        } catch {
            // The claims end by themselves.
            desk.log.error("the outbox cannot be read", [.kind: .text(kind.rawValue), .error: .text("\(error)")])
        }
        end()
    }

    private mutating func deliverCompanies(_ items: [OutboxItem]) async throws(StoreError) {
        // A company is never deleted (R11): one that nobody wants any more is left as it is.
        await settle(items.filter { $0.state.desired == nil }.map { Settlement($0, .confirmed(requestID: nil)) })
        await sync(items)
    }

    private mutating func deliverOpportunities(_ items: [OutboxItem]) async throws(StoreError) {
        let now = desk.time.now()
        var (ready, waiting) = ([OutboxItem](), [Settlement]())
        var companies: [DeliveryKey: Bool] = [:]
        for item in items where item.state.desired != nil {
            let company = item.text("externalCompanyId").map { DeliveryKey(.company, $0) }
            if let company, companies[company] == nil {
                let held = try await desk.store.outboxItem(company)
                companies[company] = held.map { $0.state.confirmed != nil } ?? true
            }
            if let company, companies[company] == false {
                waiting.append(Settlement(item, .waits(for: .company, on: company, next: dependencyTime(now))))
            } else {
                ready.append(item)
            }
        }
        let leaving = items.filter { $0.state.desired == nil }
        let roles = try await desk.store.outbox(of: leaving.compactMap(\.opportunity))
        var (departing, givenUp) = ([OutboxItem](), [DeliveryKey]())
        for item in leaving {
            let own = (roles[item.opportunity ?? .zero] ?? []).filter { $0.key.kind == .role }
            if let role = own.first(where: \.state.mustGoFirst) {
                waiting.append(Settlement(item, .waits(for: .opportunity, on: role.key, next: dependencyTime(now))))
            } else {
                departing.append(item)
                givenUp += own.filter { $0.state.confirmed != nil }.map(\.key)
            }
        }
        await settle(waiting)
        try await desk.store.doubt(givenUp, now: now)
        await sync(ready)
        await delete(departing)
    }

    func dependencyTime(_ now: Timestamp) -> Timestamp {
        now.adding(milliseconds: Desk.dependencyPauseMilliseconds)
    }

    /// As they are wanted, without what Marketo does not take.
    private mutating func sync(_ items: [OutboxItem]) async {
        let wanted = items.filter { $0.state.desired != nil }
        if wanted.isEmpty { return }
        if desk.fields.isOutdated(kind) { await learnFields() }
        let parcels = wanted.map { item in
            var parcel = Parcel(items: [item], wire: item.state.desired ?? [])
            leaveOutUnknown(&parcel)
            return parcel
        }
        // One that failed alone before is not sent among others again.
        await send(.sync, parcels.filter { $0.attempts == 0 })
        await send(.sync, parcels.filter { $0.attempts > 0 })
    }

    /// All roles of an opportunity go first, those made by others too (R11).
    private mutating func delete(_ items: [OutboxItem]) async {
        if items.isEmpty { return }
        let parcels = items.map { item in
            let key: JSON = ["externalOpportunityId": .string(item.key.text)]
            return Parcel(items: [item], wire: key.encoded)
        }
        for batch in MarketoBatches.cut(parcels, bytes: \.wire.count) {
            guard let roles = await roles(of: batch.flatMap(\.items).map(\.key.text)) else {
                let now = desk.time.now()
                await settle(batch) { _ in .postponed(next: now) }
                continue
            }
            for roles in MarketoBatches.cut(roles, bytes: \.count) {
                // What stays shows itself: the opportunity is then in use.
                _ = await call(.delete(.role, Array(roles)), .delete, of: .role)
            }
            await send(.delete, Array(batch))
        }
    }

    /// The keys of all roles of these opportunities in Marketo; nil: it does not say.
    private mutating func roles(of opportunities: [String]) async -> [[UInt8]]? {
        var (keys, page) = ([[UInt8]](), String?.none)
        repeat {
            let asked = MarketoCall.find(
                .role,
                ids: opportunities,
                by: "externalOpportunityId",
                fields: ["externalOpportunityId", "leadId", "role"],
                page: page
            )
            guard let reading = await call(asked, .read, of: .role) else { return nil }
            if case .refused(_, let trouble)? = reading.whole, trouble.code == "702" { return keys }
            guard reading.whole == nil, let answer = reading.answer else { return nil }
            keys += answer.results.compactMap { RoleKey($0.fields)?.wire }
            page = answer.nextPage
        } while page != nil
        return keys
    }
}

// MARK: Fields

extension Delivery {
    /// Without an answer everything is sent as it is.
    mutating func learnFields() async {
        guard let reading = await call(.describe(kind), .read, of: kind), reading.whole == nil,
            let answer = reading.answer, let fields = try? MarketoFields(answer)
        else { return }
        desk.fields.learn(kind, fields)
    }

    func leaveOutUnknown(_ parcel: inout Parcel) {
        let (fields, kind) = (desk.fields, kind)
        guard fields.fields(kind) != nil else { return }
        let gone = parcel.leaveOut(code: "1006") { fields.takes($0, kind) == false }
        if !gone.isEmpty { fields.note(gone, kind) }
    }
}

extension Parcel {
    /// The names that were left out.
    mutating func leaveOut(code: String, _ names: (String) -> Bool) -> [String] {
        var record = WireRecord(wire)
        let gone = record.remove(names)
        if gone.isEmpty { return [] }
        wire = record.bytes
        let says = "sent without \(gone.joined(separator: ", ")), which Marketo does not take"
        remark = DeliveryTrouble(code: code, message: says)
        return gone
    }
}

extension DeliveryState {
    /// A role that is, or may be, in Marketo, and that is not given up: it keeps its opportunity there.
    var mustGoFirst: Bool { stage != .parked && (confirmed != nil || isClaimed || isInDoubt) }

    /// An opportunity that roles can go to: it is there, and no call is under way that may be taking it away with all
    /// its roles. Each side claims its own rows before it looks at the other's.
    var takesRoles: Bool { confirmed != nil && !isClaimed && (!isInDoubt || stage == .parked) }
}
