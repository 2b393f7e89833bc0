import Coordination
import MarketoClient
import OnewayCore
import Store
import Telemetry

/// The delivery to Marketo of records of one kind that were claimed together.
///
/// Begins with a slot of the budget. Records that cannot be sent before the claim ends are returned, and claimed again.
struct Delivery {
    let context: DeliveryContext
    let kind: RecordKind
    /// The claim's end.
    let until: Timestamp
    private var slot: CallSlot?
    private var lastCallBegan: Timestamp
    /// Sales persons that Marketo was found to lack, and that are sent again.
    var missingOwners: Set<DeliveryKey> = []
    /// Records that Marketo now holds as desired.
    private(set) var confirmed = 0

    init(_ context: DeliveryContext, _ kind: RecordKind, _ slot: CallSlot, until: Timestamp) {
        self.context = context
        self.kind = kind
        self.slot = slot
        self.until = until
        lastCallBegan = context.time.now()
    }

    mutating func end() { giveBackSlot() }

    /// Before this waits for another delivery, which may need a slot itself.
    mutating func giveBackSlot() { if let slot = slot.take() { context.gate.giveBack(slot) } }

    /// Waits for the next call's. False: there will be none.
    mutating func awaitSlot() async -> Bool {
        if slot == nil { slot = await context.gate.acquire() }
        return slot != nil
    }

    /// Whether the answer would come before the claim ends.
    func hasTime(for call: MarketoCall) -> Bool {
        context.time.now().adding(seconds: MarketoClient.secondsMax(call)) < until
    }

    /// The next call needs none.
    var hasSlot: Bool { slot != nil }

    // MARK: Calls

    /// Returns nil when there can be no call now, because the service is stopping, or the claim would end before the
    /// answer.
    mutating func call(_ call: MarketoCall, _ purpose: CallPurpose, of kind: RecordKind) async -> CallReading? {
        guard await awaitSlot(), let slot, hasTime(for: call) else { return nil }
        let now = context.time.now()
        self.slot = nil
        lastCallBegan = now
        let reading = CallReading(await context.call(call), purpose, kind, count: call.records)
        context.gate.answer(reading.signal, slot)
        context.report(call, reading, now)
        return reading
    }

    // MARK: Sending

    mutating func send(_ purpose: CallPurpose, _ outgoing: [OutgoingRecord]) async {
        let together = outgoing.filter { !$0.mustGoAlone }
        for batch in MarketoBatches.cut(together, bytes: \.wire.count) { await send(purpose, batch: batch) }
        for outgoing in outgoing where outgoing.mustGoAlone { await send(purpose, batch: [outgoing]) }
    }

    private mutating func send(_ purpose: CallPurpose, batch: ArraySlice<OutgoingRecord>) async {
        let batch = await withoutMissingOwners(batch)
        if batch.isEmpty { return }
        let wires = batch.map(\.wire)
        guard let call = purpose == .sync ? MarketoCall.sync(kind, wires) : .delete(kind, wires) else { return }
        let reading = await self.call(call, purpose, of: kind)
        let now = context.time.now()
        switch (reading, reading?.whole) {
        case (nil, _): await settle(batch) { _ in .postponed(next: now) }
        case (let reading?, nil): await settle(batch, reading, purpose)
        case (_, .notSent(let trouble)):
            await settle(batch) { _ in .again(DeliveryRetry(trouble, next: now, isCounted: false)) }
        case (_, .unknown(let trouble)), (_, .refused(.doubt, let trouble)):
            let requestID = reading?.requestID
            await settle(batch) { [context] in context.doubt(trouble, call, requestID, lead: $0.lead) }
        case (_, .unclear(let trouble)):
            await settle(batch) { [self] in verdict(trouble, unclearAbout: $0) }
        case (_, .refused(let disposition, let trouble)):
            await refused(batch, disposition, trouble, reading?.requestID, purpose)
        }
    }

    /// Handles the refusal of a whole call: possibly because of one of its records, which is then found by halving.
    private mutating func refused(
        _ batch: ArraySlice<OutgoingRecord>,
        _ disposition: ErrorDisposition,
        _ trouble: DeliveryTrouble,
        _ requestID: String?,
        _ purpose: CallPurpose
    ) async {
        guard disposition.mayBeOneRecord, let (first, second) = MarketoBatches.halved(batch) else {
            let refusals = batch.map { RefusedRecord(outgoing: $0, trouble: trouble) }
            return await treat(refusals, disposition, requestID, purpose)
        }
        if disposition == .withoutFields, purpose == .sync {
            // Most likely all records have the same superfluous fields.
            let (lighter, others) = await withoutFields(Array(batch), trouble.code)
            if !lighter.isEmpty { return await send(purpose, lighter + others) }
        }
        await send(purpose, batch: first)
        // The first half may have revealed an unknown owner, and records of the second may have the same one.
        await send(purpose, batch: disposition == .withoutOwner ? second.map(withoutStranger)[...] : second)
    }

    /// A list of results that does not match settles nothing. If that persists, one record may be the cause.
    private func verdict(_ trouble: DeliveryTrouble, unclearAbout outgoing: OutgoingRecord) -> DeliveryVerdict {
        if outgoing.attempts + 1 >= DeliveryContext.attemptsMax { return .parked(trouble, requestID: nil) }
        let next = context.retryTime(after: outgoing.attempts + 1)
        return .again(DeliveryRetry(trouble, next: next, isUnknown: true, lead: outgoing.lead))
    }

    /// Settles each record by its own outcome; those that failed in the same way are handled together.
    private mutating func settle(_ batch: ArraySlice<OutgoingRecord>, _ reading: CallReading, _ purpose: CallPurpose)
        async
    {
        var done: [OutgoingRecord] = []
        var refused: [ErrorDisposition: [RefusedRecord]] = [:]
        for (outgoing, outcome) in zip(batch, reading.records) {
            switch outcome {
            case .done: done.append(outgoing)
            case .refused(let complaints):
                let (disposition, trouble) = CallReading.deciding(complaints, purpose, kind)
                refused[disposition, default: []].append(RefusedRecord(outgoing: outgoing, trouble: trouble))
            }
        }
        // Otherwise their claims end, and they are sent again.
        if kind == .salesPerson, !(await welcome(done.flatMap(\.items))) { return }
        await settle(done[...]) { .confirmed(requestID: reading.requestID, remark: $0.remark, lead: $0.lead) }
        await bringOwners(to: done)
        for (disposition, refusals) in refused { await treat(refusals, disposition, reading.requestID, purpose) }
    }

    // MARK: Refused

    /// Handles records that Marketo refused, each for its own reason.
    mutating func treat(
        _ refusals: [RefusedRecord],
        _ disposition: ErrorDisposition,
        _ requestID: String?,
        _ purpose: CallPurpose
    ) async {
        let now = context.time.now()
        switch disposition {
        case .done: await settle(refusals) { .confirmed(requestID: requestID, lead: $0.outgoing.lead) }
        case .away, .fewerCalls, .fewerAtOnce, .nextDay, .stop:
            // All calls wait at the gate; these records are due as soon as it opens.
            await settle(refusals) {
                .again(DeliveryRetry($0.trouble, requestID: requestID, next: now, isCounted: false))
            }
        case .doubt:
            let call = MarketoCall.sync(kind, [])
            await settle(refusals) { [context] in context.doubt($0.trouble, call, requestID, lead: $0.outgoing.lead) }
        case .again, .rolesFirst:
            if purpose == .sync { await restore(refusals) }
            await settle(refusals) { [context] in context.oneMore($0.trouble, after: $0.outgoing.attempts, requestID) }
        case .park, .parkTogether: await settle(refusals) { .parked($0.trouble, requestID: requestID) }
        case .noLead: await leadIsGone(refusals, requestID)
        case .withoutOwner: await sendWithoutOwner(refusals, requestID)
        case .withoutFields: await sendWithoutFields(refusals, requestID)
        }
    }

    /// 1013: a record that these refer to is gone from Marketo, though it was there. It is sent again before they are.
    private func restore(_ refusals: [RefusedRecord]) async {
        let gone = refusals.filter { $0.trouble.code == "1013" }.flatMap(\.outgoing.items).compactMap(\.dependency)
        if gone.isEmpty { return }
        do throws(StoreError) { try await context.store.doubt(Array(Set(gone)), now: context.time.now()) } catch {
            context.log.error("the record that Marketo lacks cannot be sent again", [.error: .text("\(error)")])
        }
    }

    private mutating func sendWithoutOwner(_ refusals: [RefusedRecord], _ requestID: String?) async {
        var (lighter, others) = ([OutgoingRecord](), [RefusedRecord]())
        for refusal in await withoutRestorable(refusals, requestID) {
            var outgoing = refusal.outgoing
            if let owner = outgoing.owner { context.fields.noteStranger(owner) }
            let gone = outgoing.leaveOutOwner(
                code: refusal.trouble.code,
                clearsEarlier: context.sendsSalesPersons
            )
            if gone.isEmpty { others.append(refusal) } else { lighter.append(outgoing) }
        }
        await settle(others) { .parked($0.trouble, requestID: requestID) }
        if !lighter.isEmpty { await send(.sync, lighter) }
    }

    private mutating func sendWithoutFields(_ refusals: [RefusedRecord], _ requestID: String?) async {
        guard let code = refusals.first?.trouble.code else { return }
        let (lighter, others) = await withoutFields(refusals.map(\.outgoing), code)
        let keys = Set(others.flatMap(\.items).map(\.key))
        let hopeless = refusals.filter { $0.outgoing.items.contains { keys.contains($0.key) } }
        await settle(hopeless) { .parked($0.trouble, requestID: requestID) }
        if !lighter.isEmpty { await send(.sync, lighter) }
    }

    /// Returns the records from which something could be left out, without it, and the others.
    private mutating func withoutFields(_ outgoing: [OutgoingRecord], _ code: String) async -> (
        [OutgoingRecord], [OutgoingRecord]
    ) {
        if !context.fields.isKnown(kind, since: lastCallBegan) { await learnFields() }
        let (fields, kind) = (context.fields, kind)
        var (lighter, others) = ([OutgoingRecord](), [OutgoingRecord]())
        for var outgoing in outgoing {
            let gone = outgoing.leaveOut(code: code) { fields.takes($0, kind) == false }
            if gone.isEmpty {
                others.append(outgoing)
            } else {
                fields.note(gone, kind)
                lighter.append(outgoing)
            }
        }
        return (lighter, others)
    }

    // MARK: Settling

    mutating func settle(_ outgoing: ArraySlice<OutgoingRecord>, _ verdict: (OutgoingRecord) -> DeliveryVerdict) async {
        await settle(outgoing.flatMap { $0.settlements(verdict($0)) })
    }

    mutating func settle(_ refusals: [RefusedRecord], _ verdict: (RefusedRecord) -> DeliveryVerdict) async {
        await settle(refusals.flatMap { $0.outgoing.settlements(verdict($0)) })
    }

    mutating func settle(_ settled: [Settlement]) async {
        if settled.isEmpty { return }
        var settlements = settled
        for index in settlements.indices where settlements[index].verdict.isAnAnswer {
            settlements[index].sentAt = lastCallBegan
        }
        guard await store(settlements) else { return }
        let confirmed = settlements.count { if case .confirmed = $0.verdict { true } else { false } }
        self.confirmed += confirmed
        context.recordsConfirmed(confirmed)
        context.report(settlements)
    }

    /// Tries again while the store is away and the claim lasts: otherwise the records would wait for its end. If it comes
    /// to that, they are sent again: nothing is lost, and nothing is done twice.
    private func store(_ settlements: [Settlement]) async -> Bool {
        await persistently { () throws(StoreError) in
            try await context.store.settle(settlements, now: context.time.now())
        }
    }

    func persistently(_ work: () async throws(StoreError) -> Void) async -> Bool {
        while true {
            do throws(StoreError) {
                try await work()
                return true
            } catch {
                context.log.error(
                    "Marketo's answer could not be stored",
                    [.kind: .text(kind.rawValue), .error: .text("\(error)")]
                )
                let next = context.time.now().adding(seconds: Forwarder.recoverySeconds)
                guard error.mends, next < until else { return false }
                await context.abandoned.wait(after: 0, until: next, context.time)
                if context.abandoned.count > 0 { return false }
            }
        }
    }
}
