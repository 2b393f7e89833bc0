import Coordination
import MarketoClient
import OnewayCore
import Store
import Threads

/// Finds Marketo's leads for contacts: first remembered ones, then those that Marketo finds, then, if configured, new
/// leads.
struct LeadSearch {
    struct Wanted: Sendable {
        let value: String
        let contact: GUID
        let mayBeMade: Bool
    }

    enum Found: Sendable {
        case found(Int64)
        case missing(askAgainAt: Timestamp)
        case several([Int64])
        /// It may have been created.
        case unsure
        /// It can only be created once its company is there.
        case company(DeliveryKey)
        /// Refused for good; failed for now.
        case refused(DeliveryTrouble), failed(DeliveryTrouble)
        /// Marketo gave no usable answer.
        case unavailable
    }

    /// Leads are merged and deleted in Marketo, so a remembered lead is trusted for a day.
    static let trustSeconds = 86_400
    static let pause = Pause(first: 60_000, most: 6 * 3_600_000)
    /// The second pause is longer than Marketo may take to create a lead.
    static let missesWhenUnsure = 2
    /// Before a lead that a role may create is searched again on behalf of something that may not.
    static let pauseOfOthers: Int64 = 3_600_000

    let context: DeliveryContext

    init(_ context: DeliveryContext) { self.context = context }

    /// Returns the results by the values that are searched for.
    func find(_ wanted: [Wanted], in delivery: inout Delivery) async throws(StoreError) -> [String: Found] {
        let byValue = Dictionary(wanted.map { ($0.value, $0) }) { first, second in first.mayBeMade ? first : second }
        let known = try await recall(Array(byValue.keys)).found
        if known.count == byValue.count { return known }
        var search = try await begin(byValue, in: &delivery)
        for batch in MarketoBatches.cut(search.open, bytes: \.utf8.count) {
            let answers = await ask(Array(batch), after: search.refused, in: &delivery)
            search.refused = nil
            try await note(answers, byValue, &search)
        }
        let made = try await make(search.makeable, search.remembered, in: &delivery)
        return search.found.merging(made) { _, new in new }
    }

    /// One delivery's search.
    struct Progress {
        var remembered: [String: RememberedLead]
        var found: [String: Found]
        /// Still to be asked for.
        var open: [String] = []
        /// The answer to a question for all that is open.
        var refused: Answer?
        var makeable: [Wanted] = []
    }

    /// Where leads are created, nobody is remembered as missing: whoever may be made is found out about again when it is
    /// their turn, and would wait for what is remembered on behalf of something that may not make them. Except those that
    /// Marketo cannot be asked for: they would not be found once they are made.
    func note(
        _ answers: [String: Found],
        _ wanted: [String: Wanted],
        _ search: inout Progress
    ) async throws(StoreError) {
        let lacking = answers.filter { value, answer in
            if case .missing = answer { context.lead.isCreated && MarketoCall.isAskable(value) } else { false }
        }
        let next = context.time.now().adding(milliseconds: Self.pauseOfOthers)
        for wanted in lacking.keys.compactMap({ wanted[$0] }) {
            if wanted.mayBeMade {
                search.makeable.append(wanted)
            } else {
                search.found[wanted.value] = .missing(askAgainAt: next)
            }
        }
        let rest = answers.filter { lacking[$0.key] == nil }
        search.found.merge(try await remember(rest, search.remembered)) { _, new in new }
    }

    /// What is remembered of these people, and what of it holds. That somebody may have been created is for those who
    /// come after this run: while it creates them itself, the answer is waited for.
    func recall(
        _ values: [String]
    ) async throws(StoreError) -> (remembered: [String: RememberedLead], found: [String: Found]) {
        let before = context.making.withLock { $0 }
        let remembered = try await context.store.leads(values)
        let making = context.making.withLock { $0 }.union(before)
        let settled = remembered.filter { value, lead in lead.id != nil || !making.contains(value) }
        return (remembered, settled.compactMapValues(trusted))
    }

    func trusted(_ lead: RememberedLead) -> Found? {
        let now = context.time.now()
        if let id = lead.id { return now < lead.askedAt.adding(seconds: Self.trustSeconds) ? .found(id) : nil }
        let next = askAgainAt(lead)
        return now < next && !isMended(lead, now) ? .missing(askAgainAt: next) : nil
    }

    /// True when an operator has asked for a retry since the lead was found missing, and Marketo cannot still be
    /// creating it.
    private func isMended(_ lead: RememberedLead, _ now: Timestamp) -> Bool {
        let making = context.lead.isCreated ? Self.pause.milliseconds(after: Self.missesWhenUnsure) : 0
        return lead.askedAt <= context.retryAskedAt.withLock({ $0 }) && now >= lead.askedAt.adding(milliseconds: making)
    }

    private func askAgainAt(_ lead: RememberedLead) -> Timestamp {
        lead.askedAt.adding(milliseconds: Self.pause.milliseconds(after: lead.misses))
    }

    /// Adds the time at which missing leads are searched again: later each time.
    func remember(
        _ answers: [String: Found],
        _ remembered: [String: RememberedLead]
    ) async throws(StoreError) -> [String: Found] {
        let now = context.time.now()
        var (dated, notes) = (answers, [RememberedLead]())
        for (value, answer) in answers {
            switch answer {
            case .found(let id): notes.append(RememberedLead(value, id: id, askedAt: now))
            case .missing, .unsure:
                var note = RememberedLead(value, id: nil, askedAt: now, misses: (remembered[value]?.misses ?? 0) + 1)
                if case .unsure = answer { note.misses = max(note.misses, Self.missesWhenUnsure) }
                notes.append(note)
                dated[value] = .missing(askAgainAt: askAgainAt(note))
            case .several, .company, .refused, .failed, .unavailable: break
            }
        }
        if !notes.isEmpty { try await context.store.remember(notes) }
        return dated
    }
}

// MARK: Looking ahead

extension LeadSearch {
    /// A search takes as much of the budget for one person as for 300, and most of a claim's people may be known: so it
    /// is filled with people of roles that come next, among so many.
    static let rolesAheadMax = 3_000
    static let lookAheadPauseSeconds = 60

    /// The first call of a search: one delivery at a time makes it, so that nobody is looked up by two. It takes the slot
    /// that the delivery has. Others hold theirs while they wait for this, so whatever needs another call stays open.
    func begin(
        _ wanted: [String: Wanted],
        in delivery: inout Delivery
    ) async throws(StoreError) -> Progress {
        let wasWell = context.gate.status.condition == .ok
        await context.leadAsking.lock()
        defer { context.leadAsking.unlock() }
        // Another delivery may have looked some of them up meanwhile.
        let (remembered, found) = try await recall(Array(wanted.keys))
        var search = Progress(remembered: remembered, found: found)
        search.open = wanted.keys.filter { search.found[$0] == nil }.sorted()
        guard delivery.hasSlot, let own = MarketoBatches.cut(search.open, bytes: \.utf8.count).first.map(Array.init)
        else { return search }
        if wasWell, context.gate.status.condition != .ok {
            // Marketo failed while this waited: whoever waits does not try that too, one after the other.
            search.refused = .unavailable
            return search
        }
        let (ahead, known) = try await peopleAhead(of: own)
        search.remembered.merge(known) { own, _ in own }
        switch await answer(to: own + ahead, pagesMax: 1, in: &delivery) {
        case .leads(let leads):
            search.open.removeFirst(own.count)
            try await note(leads, wanted, &search)
        case .more: break
        case .refused(let disposition, _) where disposition.mayBeOneRecord && !ahead.isEmpty:
            // One of those who come next may be why: they are left out, and for a while no search has them.
            let next = context.time.now().adding(seconds: Self.lookAheadPauseSeconds)
            context.looksAheadFrom.withLock { $0 = next }
        case let answer:
            search.refused = answer
        }
        return search
    }

    /// People to fill a search with, and what is remembered of them.
    private func peopleAhead(
        of values: [String]
    ) async throws(StoreError) -> (values: [String], remembered: [String: RememberedLead]) {
        let now = context.time.now()
        guard values.count < MarketoBatches.recordsMax, now >= context.looksAheadFrom.withLock({ $0 }) else {
            return ([], [:])
        }
        var (seen, ahead) = (Set(values), [String]())
        for item in try await context.store.due(.role, limit: Self.rolesAheadMax, now: now) {
            guard item.state.desired != nil, item.state.lead == nil || item.mayMeanAnotherLead else { continue }
            if let value = item.leadValue, seen.insert(value).inserted { ahead.append(value) }
        }
        let remembered = try await context.store.leads(ahead)
        ahead.removeAll { remembered[$0].flatMap(trusted) != nil }
        let filled = MarketoBatches.cut(values + ahead, bytes: \.utf8.count)[0].dropFirst(values.count)
        return (Array(filled), remembered)
    }
}
