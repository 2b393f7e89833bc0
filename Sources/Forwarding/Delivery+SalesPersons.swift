import Coordination
import MarketoClient
import OnewayCore
import Store
import Telemetry

// Sales persons: an opportunity waits for its own, and goes without one that Marketo refuses.
extension Delivery {
    /// Returns those whose sales person is in Marketo, or is not Oneway's (any more, where they were switched off); the
    /// others wait. One that is parked is left out: a company decides who an opportunity belongs to, a sales person only who
    /// looks after it.
    mutating func withSalesPerson(_ items: [OutboxItem]) async throws(StoreError) -> [OutboxItem] {
        let fields = context.fields
        return try await with(.salesPerson, items, \.salesPerson) { person in
            if person.state.desired == nil || person.state.confirmed != nil && !person.state.isInDoubt { return true }
            guard person.state.stage == .parked else { return false }
            fields.noteStranger(person.key.text)
            return true
        }
    }

    /// Opportunities that were sent without one of these are sent again. Before their confirmation is stored, so that a
    /// crash in between loses none: they wait for it. False: the store is away.
    func welcome(_ persons: [OutboxItem]) async -> Bool {
        let accepted = Set(persons.map(\.key))
        if accepted.isEmpty { return true }
        context.fields.forgetStrangers(Set(accepted.map(\.text)))
        return await persistently { () throws(StoreError) in
            let filter = OutboxFilter(stage: .settled, kind: .opportunity, code: "718")
            var last: DeliveryKey?
            repeat {
                let page = try await context.store.outbox(filter, after: last, limit: Self.pageMax)
                let without = page.filter { $0.salesPerson.map(accepted.contains) ?? false }
                try await context.store.doubt(without.map(\.key), now: context.time.now())
                last = page.count == Self.pageMax ? page.last?.key : nil
            } while last != nil
        }
    }

    /// While these were sent without their sales person, it may have been welcomed, which they missed.
    func bringOwners(to sent: [OutgoingRecord]) async {
        let late = sent.filter { $0.remark?.code == "718" }.flatMap(\.items).filter { item in
            item.salesPerson.map { !context.fields.isStranger($0.text) } ?? false
        }
        _ = await persistently { () throws(StoreError) in
            try await context.store.doubt(late.map(\.key), now: context.time.now())
        }
    }

    private static let pageMax = 500

    /// 718: Marketo lost a sales person that Oneway maintains. It is sent again, and these after it. Returns those for
    /// which that cannot help: Oneway does not maintain theirs, or it has been sent again already.
    mutating func withoutRestorable(_ refusals: [RefusedRecord], _ requestID: String?) async -> [RefusedRecord] {
        var (restorable, others) = ([RefusedRecord](), [RefusedRecord]())
        do throws(StoreError) {
            for refusal in refusals {
                let item = refusal.outgoing.items[0]
                if let key = item.salesPerson, item.state.trouble?.code != refusal.trouble.code,
                    let person = try await context.store.outboxItem(key), person.state.desired != nil,
                    person.state.stage != .parked
                {
                    restorable.append(refusal)
                    missingOwners.insert(key)
                } else {
                    others.append(refusal)
                }
            }
            try await context.store.doubt(Array(missingOwners), now: context.time.now())
        } catch {
            context.log.error("the sales person that Marketo lacks cannot be sent again", [.error: .text("\(error)")])
            return refusals
        }
        let now = context.time.now()
        await settle(restorable) { .again(DeliveryRetry($0.trouble, requestID: requestID, next: now)) }
        return others
    }

    /// Those of a batch whose sales person Marketo was found to lack wait for it; the others are returned.
    mutating func withoutMissingOwners(_ batch: ArraySlice<OutgoingRecord>) async -> ArraySlice<OutgoingRecord> {
        if missingOwners.isEmpty { return batch }
        let next = dependencyTime(context.time.now())
        var (ready, waiting) = ([OutgoingRecord](), [Settlement]())
        for outgoing in batch {
            let item = outgoing.items[0]
            if outgoing.owner != nil, let key = item.salesPerson, missingOwners.contains(key) {
                waiting += outgoing.items.map { Settlement($0, .waits(for: .salesPerson, on: key, next: next)) }
            } else {
                ready.append(outgoing)
            }
        }
        await settle(waiting)
        return ready[...]
    }
}

extension OutboxItem {
    /// The sales person that an opportunity names.
    fileprivate var salesPerson: DeliveryKey? {
        guard key.kind == .opportunity else { return nil }
        return text(RecordKind.salesPerson.identifyingField).map { DeliveryKey(.salesPerson, $0) }
    }
}
