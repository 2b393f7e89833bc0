import Coordination
import MarketoClient
import OnewayCore
import Store
import Telemetry
import Threads

// Roles: first the lead that Marketo knows the contact as, then one record for each lead, even if several contacts
// share it.
extension Delivery {
    mutating func deliverRoles(_ items: [OutboxItem]) async throws(StoreError) {
        let ready = try await withOpportunity(items)
        let (leads, leaving) = try await findLeads(of: ready)
        var groups: [RoleKey: [OutboxItem]] = [:]
        for item in ready {
            if let lead = leads[item.key], let role = item.roleKey(lead: lead) {
                groups[role, default: []].append(item)
            }
        }
        try await send(groups, leaving: leaving)
    }

    /// Returns those whose opportunity is in Marketo and stays, and those to be deleted; the others wait.
    private mutating func withOpportunity(_ items: [OutboxItem]) async throws(StoreError) -> [OutboxItem] {
        let next = dependencyTime(context.time.now())
        // In this order: an opportunity that has been deleted meanwhile is seen as gone.
        let leaving = context.leaving.withLock { $0 }
        let outbox = try await context.store.outbox(of: Array(Set(items.compactMap(\.opportunity))))
        var (ready, waiting) = ([OutboxItem](), [Settlement]())
        for item in items {
            let opportunity = outbox[item.opportunity ?? .zero]?.first { $0.key.kind == .opportunity }
            if let opportunity, item.state.desired != nil,
                opportunity.state.mayBeMissing || leaving.contains(opportunity.key.text)
            {
                waiting.append(Settlement(item, .waits(for: .opportunity, on: opportunity.key, next: next)))
            } else {
                ready.append(item)
            }
        }
        await settle(waiting)
        return ready
    }

    /// Sends what Marketo should hold of each lead's role: contacts that are one lead there share it. It is deleted
    /// when no contact wants it any more, and is primary when any contact wants that.
    private mutating func send(
        _ groups: [RoleKey: [OutboxItem]],
        leaving: Set<DeliveryKey>
    ) async throws(StoreError) {
        let free = context.busyRoles.withLock { busy in
            let free = groups.filter { !busy.contains($0.key) }
            busy.formUnion(free.keys)
            return free
        }
        defer { context.busyRoles.withLock { $0.subtract(free.keys) } }
        let soon = context.time.now().adding(milliseconds: 1_000)
        for (role, items) in groups where free[role] == nil {
            await settle(items.map { Settlement($0, .postponed(next: soon)) })
        }
        // Read only now that no other delivery sends them: a contact that shares a lead may have been confirmed while
        // leads were searched.
        let outbox = try await context.store.outbox(of: Array(Set(free.values.joined().compactMap(\.opportunity))))
        var (wanted, unwanted, sharers) = ([OutgoingRecord](), [OutgoingRecord](), [DeliveryKey]())
        for (role, items) in free.sorted(by: { $0.value[0].key < $1.value[0].key }) {
            let own = Set(items.map(\.key))
            let others = (outbox[items[0].opportunity ?? .zero] ?? []).filter { other in
                !own.contains(other.key) && other.state.lead == role.lead && other.roleKey(lead: role.lead) == role
            }
            let wanting = (items.filter { !leaving.contains($0.key) } + others).filter { $0.state.desired != nil }
            var outgoing = OutgoingRecord(items: items, wire: role.wire, lead: role.lead, leaving: leaving)
            if wanting.isEmpty {
                unwanted.append(outgoing)
                sharers += others.map(\.key)
            } else {
                // Times in this form sort as text.
                let since = wanting.compactMap { $0.text("externalCreatedDate") }.min()
                outgoing.wire = role.wire(isPrimary: wanting.contains { $0.isPrimaryRole }, since: since)
                wanted.append(outgoing)
            }
        }
        let aims = wanted.flatMap { outgoing in
            outgoing.items.filter { $0.state.lead == nil }.compactMap { item in
                outgoing.lead.map { RoleAim(item, lead: $0) }
            }
        }
        try await context.store.aim(aims, now: context.time.now())
        await send(.sync, wanted.filter { $0.attempts == 0 })
        await send(.sync, wanted.filter { $0.attempts > 0 })
        // If one of them is wanted again meanwhile, it must not be assumed to be there.
        try await context.store.doubt(sharers, now: context.time.now())
        await send(.delete, unwanted)
    }

    /// Marketo does not know the lead any more: it was merged or deleted. The lead is searched again, and if Marketo
    /// keeps finding one that it does not accept, a person must look into it.
    mutating func leadIsGone(_ refusals: [RefusedRecord], _ requestID: String?) async {
        let items = refusals.flatMap(\.outgoing.items)
        let values = items.compactMap(\.leadValue).flatMap(RememberedLead.spellings)
        do throws(StoreError) { try await context.store.forgetLeads(Array(Set(values))) } catch {
            context.log.error("a remembered lead cannot be removed", [.error: .text("\(error)")])
        }
        let now = context.time.now()
        await settle(refusals) { refusal in
            let failures = refusal.outgoing.attempts + 1
            if failures >= DeliveryContext.attemptsMax { return .parked(refusal.trouble, requestID: requestID) }
            let next = now.adding(milliseconds: LeadSearch.pause.milliseconds(after: failures))
            return .waits(for: .lead, on: nil, next: next, leadGone: refusal.trouble)
        }
    }

    /// Returns Marketo's leads by the items that can continue, and the items that must leave their old lead first; the
    /// others are settled here.
    private mutating func findLeads(
        of items: [OutboxItem]
    ) async throws(StoreError) -> (leads: [DeliveryKey: Int64], leaving: Set<DeliveryKey>) {
        var (leads, leaving) = ([DeliveryKey: Int64](), Set<DeliveryKey>())
        var asking: [OutboxItem] = []
        for item in items {
            // The lead that has the role keeps it until Marketo says that there is no such lead, or the contact means
            // another.
            if let lead = item.state.lead, !item.mayMeanAnotherLead {
                leads[item.key] = lead
            } else {
                asking.append(item)
            }
        }
        if asking.isEmpty { return (leads, leaving) }
        let found = try await LeadSearch(context).find(asking.compactMap(\.leadWanted), in: &self)
        var settlements: [Settlement] = []
        for item in asking {
            let answer = item.leadValue.flatMap { found[$0] } ?? .unavailable
            if case .found(let lead) = answer {
                leads[item.key] = item.state.lead ?? lead
                if let old = item.state.lead, old != lead { leaving.insert(item.key) }
            } else {
                settlements.append(Settlement(item, verdict(on: item, answer)))
            }
        }
        await settle(settlements)
        return (leads, leaving)
    }

    /// The verdict on a role or a person whose lead is not known.
    func verdict(on item: OutboxItem, _ found: LeadSearch.Found) -> DeliveryVerdict {
        switch found {
        // Never sent for any lead, so no lead has it.
        case .missing where item.state.desired == nil: return .confirmed(requestID: nil)
        case .missing(let next): return .waits(for: .lead, on: nil, next: next)
        case .company(let company): return .waits(for: .company, on: company, next: dependencyTime(context.time.now()))
        case .several(let ids):
            let shown = ids.prefix(10).map(String.init).joined(separator: ", ")
            let says = "several leads match the contact: \(shown)"
            return .parked(DeliveryTrouble(code: "1007", message: says), requestID: nil)
        case .refused(let trouble): return .parked(trouble, requestID: nil)
        case .failed(let trouble): return context.oneMore(trouble, after: item.state.attempts, nil)
        case .found, .unsure, .unavailable: return .postponed(next: context.time.now())
        }
    }
}

extension DeliveryState {
    /// An opportunity that is not in Marketo, as far as is known.
    fileprivate var mayBeMissing: Bool { confirmed == nil || stage == .pending && isInDoubt }
}

extension OutboxItem {
    func roleKey(lead: Int64) -> RoleKey? {
        key.role.map { RoleKey(opportunity: $0.opportunity, lead: lead, role: $0.name) }
    }

    /// The contact may mean another lead than the one that has the role: it is searched by another value now, or the
    /// previous value is not known.
    var mayMeanAnotherLead: Bool {
        guard let desired = state.desired else { return false }
        guard let confirmed = state.confirmed else { return true }
        return Self.text("lead", in: desired) != Self.text("lead", in: confirmed)
    }

    var leadWanted: LeadSearch.Wanted? {
        guard let value = leadValue, let contact else { return nil }
        // A person is created for a role alone, never in order to belong to a company.
        let mayBeMade = key.kind == .role && state.desired != nil
        return LeadSearch.Wanted(value: value, contact: contact, mayBeMade: mayBeMade)
    }

    var isPrimaryRole: Bool {
        state.desired.flatMap { RecordMembers($0)["isPrimary"] }?.bool == true
    }
}
