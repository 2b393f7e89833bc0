import MarketoClient
import OnewayCore
import Store
import Telemetry
import Threads

// Roles: whom Marketo knows the contact as, then one record for each lead, whoever wants it.
extension Delivery {
    mutating func deliverRoles(_ items: [OutboxItem]) async throws(StoreError) {
        let now = desk.time.now()
        let outbox = try await desk.store.outbox(of: Array(Set(items.compactMap(\.opportunity))))
        var (ready, waiting) = ([OutboxItem](), [Settlement]())
        for item in items {
            let opportunity = outbox[item.opportunity ?? .zero]?.first { $0.key.kind == .opportunity }
            if let opportunity, item.state.desired != nil, !opportunity.state.takesRoles {
                waiting.append(
                    Settlement(item, .waits(for: .opportunity, on: opportunity.key, next: dependencyTime(now)))
                )
            } else {
                ready.append(item)
            }
        }
        await settle(waiting)
        let leads = try await findLeads(of: ready)
        var groups: [RoleKey: [OutboxItem]] = [:]
        for item in ready {
            if let lead = leads[item.key], let role = item.roleKey(lead: lead) {
                groups[role, default: []].append(item)
            }
        }
        try await send(groups, siblings: outbox)
    }

    /// What Marketo should hold of each lead's role: contacts that are one lead there share it. It goes when nobody
    /// wants it any more, and is primary when somebody wants it so.
    private mutating func send(
        _ groups: [RoleKey: [OutboxItem]],
        siblings: [GUID: [OutboxItem]]
    ) async throws(StoreError) {
        let free = desk.busyRoles.withLock { busy in
            let free = groups.filter { !busy.contains($0.key) }
            busy.formUnion(free.keys)
            return free
        }
        defer { desk.busyRoles.withLock { $0.subtract(free.keys) } }
        let soon = desk.time.now().adding(milliseconds: 1_000)
        for (role, items) in groups where free[role] == nil {
            await settle(items.map { Settlement($0, .postponed(next: soon)) })
        }
        var (wanted, unwanted, sharers) = ([Parcel](), [Parcel](), [DeliveryKey]())
        for (role, items) in free.sorted(by: { $0.value[0].key < $1.value[0].key }) {
            let own = Set(items.map(\.key))
            let others = (siblings[items[0].opportunity ?? .zero] ?? []).filter { other in
                !own.contains(other.key) && other.state.lead == role.lead && other.roleKey(lead: role.lead) == role
            }
            let wanting = (items + others).filter { $0.state.desired != nil }
            if wanting.isEmpty {
                unwanted.append(Parcel(items: items, wire: role.wire, lead: role.lead))
                sharers += others.map(\.key)
            } else {
                let isPrimary = wanting.contains { $0.isPrimaryRole }
                wanted.append(Parcel(items: items, wire: role.wire(isPrimary: isPrimary), lead: role.lead))
            }
        }
        await send(.sync, wanted.filter { $0.attempts == 0 })
        await send(.sync, wanted.filter { $0.attempts > 0 })
        // Wanted again meanwhile, one of them must not be taken for being there.
        try await desk.store.doubt(sharers, now: desk.time.now())
        await send(.delete, unwanted)
    }

    /// Marketo does not know the lead any more: merged or deleted. It is asked anew.
    mutating func leadIsGone(_ parcels: [Parcel], _ now: Timestamp) async {
        let items = parcels.flatMap(\.items)
        do throws(StoreError) { try await desk.store.forgetLeads(items.compactMap(\.leadValue)) } catch {
            desk.log.error("a lead cannot be forgotten", [.error: .text("\(error)")])
        }
        let next = now.adding(milliseconds: LeadSearch.pause.firstMilliseconds)
        await settle(items.map { Settlement($0, .waits(for: .lead, on: nil, next: next)) })
    }

    /// Marketo's leads by the items that can go on; the others are settled here.
    private mutating func findLeads(of items: [OutboxItem]) async throws(StoreError) -> [DeliveryKey: Int64] {
        var leads: [DeliveryKey: Int64] = [:]
        var asking: [OutboxItem] = []
        for item in items {
            // The lead that has the role keeps it until Marketo says that there is no such lead.
            if let lead = item.state.lead { leads[item.key] = lead } else { asking.append(item) }
        }
        if asking.isEmpty { return leads }
        let found = try await LeadSearch(desk).find(asking.compactMap(\.leadWanted), in: &self)
        var settlements: [Settlement] = []
        for item in asking {
            switch item.leadValue.flatMap({ found[$0] }) {
            case .found(let lead): leads[item.key] = lead
            // Never sent to anybody, so nobody has it.
            case .missing where item.state.desired == nil:
                settlements.append(Settlement(item, .confirmed(requestID: nil)))
            case .missing(let next): settlements.append(Settlement(item, .waits(for: .lead, on: nil, next: next)))
            case .several(let ids):
                let shown = ids.prefix(10).map(String.init).joined(separator: ", ")
                let trouble = DeliveryTrouble(code: "1007", message: "several leads match the contact: \(shown)")
                settlements.append(Settlement(item, .parked(trouble, requestID: nil)))
            case .refused(let trouble): settlements.append(Settlement(item, .parked(trouble, requestID: nil)))
            case .unavailable, nil: settlements.append(Settlement(item, .postponed(next: desk.time.now())))
            }
        }
        await settle(settlements)
        return leads
    }
}

extension OutboxItem {
    /// `<opportunity>/<contact>/<role name>`; a name may hold slashes.
    private var roleParts: [Substring] {
        key.text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    }

    func roleKey(lead: Int64) -> RoleKey? {
        let parts = roleParts
        guard key.kind == .role, parts.count == 3 else { return nil }
        return RoleKey(opportunity: String(parts[0]), lead: lead, role: String(parts[2]))
    }

    var contact: GUID? { roleParts.count == 3 ? GUID(String(roleParts[1])) : nil }

    /// What its lead is looked up by.
    var leadValue: String? { text("lead") ?? contact?.description }

    var leadWanted: LeadSearch.Wanted? {
        guard let value = leadValue, let contact else { return nil }
        return LeadSearch.Wanted(value: value, contact: contact, mayBeMade: state.desired != nil)
    }

    var isPrimaryRole: Bool {
        let document = state.desired.flatMap { try? JSONDocument($0) }
        return document?.root["isPrimary"]?.bool == true
    }
}
