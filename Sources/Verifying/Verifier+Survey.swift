import Forwarding
import OnewayCore
import Store

extension Verifier {
    /// False: nothing is left.
    func surveyStep(_ adoption: inout Adoption) async throws -> Bool {
        try await waitForRules()
        try takeShare(&adoption.job, adoption.share)
        guard let place = adoption.place else {
            try await FindingsBook(.adopt).clear(in: store)
            adoption.job[.total] = try await count(.opportunity, .company)
            adoption.place = Adoption.Place(.company, after: nil)
            try await save(&adoption.job, [], done: 0, calls: 0)
            return true
        }
        let limit = Surveyor.recordsPerStep
        let all = try await store.outbox(OutboxFilter(kind: place.kind), after: place.after, limit: limit)
        let wanted = all.filter { $0.state.desired != nil }
        var surveyor = Surveyor(checker)
        if place.kind == .company {
            try await surveyor.survey(companies: wanted, &adoption)
        } else {
            try await surveyor.survey(opportunities: wanted, &adoption)
        }
        let isLast = all.count < limit
        if !isLast {
            adoption.place = Adoption.Place(place.kind, after: all.last?.key)
        } else if place.kind == .company {
            adoption.place = Adoption.Place(.opportunity, after: nil)
        }
        try await save(&adoption.job, surveyor.items, done: all.count, calls: surveyor.checker.marketo.calls)
        return !(isLast && place.kind == .opportunity)
    }
}
