import MarketoClient
import OnewayCore
import Store
import Telemetry

/// Records of one kind that were claimed together, on their way to Marketo.
///
/// Begins with a slot of the budget. What cannot be sent before the claim ends goes back, and is claimed afresh.
struct Delivery {
    let desk: Desk
    let kind: RecordKind
    /// The claim's end.
    let until: Timestamp
    private var slot: CallSlot?
    /// Records that are as wanted now.
    private(set) var confirmed = 0

    init(_ desk: Desk, _ kind: RecordKind, _ slot: CallSlot, until: Timestamp) {
        self.desk = desk
        self.kind = kind
        self.slot = slot
        self.until = until
    }

    func end() { if let slot { desk.gate.giveBack(slot) } }

    // MARK: Calls

    /// Nil: not now, because the service stops, or the claim would end before the answer.
    mutating func call(_ call: MarketoCall, _ purpose: CallPurpose, of kind: RecordKind) async -> CallReading? {
        if slot == nil { slot = await desk.gate.acquire() }
        guard let slot else { return nil }
        let now = desk.time.now()
        guard now.adding(seconds: call.secondsMax + Self.patienceSeconds) < until else { return nil }
        self.slot = nil
        let reading = CallReading(await desk.call(call), purpose, kind, count: call.records)
        desk.gate.answer(reading.signal, slot)
        desk.report(call, reading, now)
        return reading
    }

    static let patienceSeconds = 20

    // MARK: Sending

    mutating func send(_ purpose: CallPurpose, _ parcels: [Parcel]) async {
        for batch in MarketoBatches.cut(parcels, bytes: \.wire.count) { await send(purpose, batch: batch) }
    }

    private mutating func send(_ purpose: CallPurpose, batch: ArraySlice<Parcel>) async {
        let sentAt = desk.time.now()
        let wires = batch.map(\.wire)
        let call = purpose == .sync ? MarketoCall.sync(kind, wires) : .delete(kind, wires)
        guard let reading = await self.call(call, purpose, of: kind) else {
            return await settle(batch) { _ in .postponed(next: sentAt) }
        }
        switch reading.whole {
        case nil: await settle(batch, reading, purpose)
        case .notSent(let trouble):
            await settle(batch) { _ in .again(DeliveryRetry(trouble, next: sentAt, isCounted: false)) }
        case .unknown(let trouble):
            // Marketo may be at work on it until its own time-out.
            let next = sentAt.adding(seconds: call.secondsMax)
            await settle(batch) {
                .again(DeliveryRetry(trouble, next: next, isCounted: false, isUnknown: true, lead: $0.lead))
            }
        case .unclear(let trouble):
            await settle(batch) { [desk] parcel in
                let next = desk.retryTime(after: parcel.attempts + 1)
                return .again(DeliveryRetry(trouble, next: next, isUnknown: true, lead: parcel.lead))
            }
        case .refused(let treatment, let trouble):
            if treatment.mayBeOneRecord, let (first, second) = MarketoBatches.halved(batch) {
                await send(purpose, batch: first)
                await send(purpose, batch: second)
            } else {
                await treat(Array(batch), treatment, trouble, reading.requestID, purpose)
            }
        }
    }

    /// Each record by its own outcome.
    private mutating func settle(_ batch: ArraySlice<Parcel>, _ reading: CallReading, _ purpose: CallPurpose) async {
        var done: [Parcel] = []
        var refused: [(Parcel, Treatment, DeliveryTrouble)] = []
        for (parcel, outcome) in zip(batch, reading.records) {
            switch outcome {
            case .done: done.append(parcel)
            case .refused(let complaints):
                let (treatment, trouble) = CallReading.deciding(complaints, purpose, kind)
                refused.append((parcel, treatment, trouble))
            }
        }
        await settle(done[...]) { .confirmed(requestID: reading.requestID, remark: $0.remark, lead: $0.lead) }
        for (parcel, treatment, trouble) in refused {
            await treat([parcel], treatment, trouble, reading.requestID, purpose)
        }
    }

    /// What becomes of records that Marketo refused for this reason.
    private mutating func treat(
        _ parcels: [Parcel],
        _ treatment: Treatment,
        _ trouble: DeliveryTrouble,
        _ requestID: String?,
        _ purpose: CallPurpose
    ) async {
        let now = desk.time.now()
        switch treatment {
        case .done: await settle(parcels[...]) { .confirmed(requestID: requestID, lead: $0.lead) }
        case .away, .fewerCalls, .fewerAtOnce, .nextDay, .stop:
            // All calls wait at the gate; these are due as soon as it opens.
            await settle(parcels[...]) { _ in
                .again(DeliveryRetry(trouble, requestID: requestID, next: now, isCounted: false))
            }
        case .again, .rolesFirst:
            await settle(parcels[...]) { [desk] in desk.oneMore(trouble, after: $0.attempts, requestID) }
        case .park: await settle(parcels[...]) { _ in .parked(trouble, requestID: requestID) }
        case .noLead: await leadIsGone(parcels, now)
        case .withoutOwner: await sendAgain(parcels, trouble, requestID) { $0 == "externalSalesPersonId" }
        case .withoutFields:
            await learnFields()
            let (fields, kind) = (desk.fields, kind)
            await sendAgain(parcels, trouble, requestID) { fields.takes($0, kind) == false }
        }
    }

    /// Without what Marketo does not take, and with a remark; parked where nothing can be left out.
    private mutating func sendAgain(
        _ parcels: [Parcel],
        _ trouble: DeliveryTrouble,
        _ requestID: String?,
        without names: (String) -> Bool
    ) async {
        var (lighter, others) = ([Parcel](), [Parcel]())
        for var parcel in parcels {
            let gone = parcel.leaveOut(code: trouble.code, names)
            if gone.isEmpty { others.append(parcel) } else { lighter.append(parcel) }
        }
        await settle(others[...]) { _ in .parked(trouble, requestID: requestID) }
        if !lighter.isEmpty { await send(.sync, lighter) }
    }

    // MARK: Settling

    mutating func settle(_ parcels: ArraySlice<Parcel>, _ verdict: (Parcel) -> DeliveryVerdict) async {
        let settlements = parcels.flatMap { parcel in
            let verdict = verdict(parcel)
            return parcel.items.map { Settlement($0, verdict) }
        }
        await settle(settlements)
    }

    mutating func settle(_ settlements: [Settlement]) async {
        if settlements.isEmpty { return }
        do throws(StoreError) {
            try await desk.store.settle(settlements, now: desk.time.now())
            let confirmed = settlements.count { if case .confirmed = $0.verdict { true } else { false } }
            self.confirmed += confirmed
            desk.traffic.count(.sent, confirmed)
            desk.report(settlements)
        } catch {
            // The claim ends by itself, and the record is sent again: nothing is lost, and nothing is done twice.
            desk.log.error(
                "what Marketo answered could not be stored",
                [.kind: .text(kind.rawValue), .count: .int(settlements.count), .error: .text("\(error)")]
            )
        }
    }
}
