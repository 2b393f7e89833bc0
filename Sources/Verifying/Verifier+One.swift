import Forwarding
package import OnewayCore
import Store

extension Verifier {
    /// One opportunity with its roles and companies, at once. Nil: nobody knows it.
    package func verify(_ opportunity: GUID, repairs: Bool) async throws -> JSON? {
        let key = RecordKey(.opportunity, opportunity)
        do {
            if try await store.records([key])[key] == nil {
                guard try await dynamics?.existing([opportunity]).isEmpty == false else { return nil }
            }
            try await waitForRules()
            return try await compare(opportunity, repairs: repairs)
        } catch Obstacle.held(_, let says), Obstacle.failed(let says) {
            return Self.answer(about: opportunity, Checked(), [], calls: 0, says)
        } catch Obstacle.stopping {
            return Self.answer(about: opportunity, Checked(), [], calls: 0, "the service is stopping")
        }
    }

    private func compare(_ opportunity: GUID, repairs: Bool) async throws -> JSON {
        var checker = checker
        var checked = try await checker.check(opportunities: [opportunity])
        let items = try await store.outbox(of: [opportunity])[opportunity] ?? []
        checked.add(try await checker.strays(leads: Set(items.compactMap(\.state.lead))))
        let named = items.compactMap { $0.key.kind == .opportunity ? $0.text("externalCompanyId") : nil }
        for name in named {
            guard let company = try await store.outboxItem(DeliveryKey(.company, name)) else { continue }
            checked.add(try await checker.check(companies: [company]))
        }
        let sent = repairs ? try await repair(checked.suspects) : []
        return Self.answer(about: opportunity, checked, sent, calls: checker.marketo.calls, nil)
    }

    /// `says`: why it could not be compared.
    private static func answer(
        about opportunity: GUID,
        _ checked: Checked,
        _ sent: Set<Suspect>,
        calls: Int,
        _ says: String?
    ) -> JSON {
        let tally = checked.tally
        return [
            "opportunity": .string("\(opportunity)"), "message": .optional(says),
            "items": .array(checked.suspects.map { $0.finding.json(sentAgain: sent.contains($0)) }),
            "compared": .int(tally.compared), "pending": .int(tally.pending), "waiting": .int(tally.waiting),
            "parked": .int(tally.parked), "changing": .int(tally.changing), "calls": .int(calls),
        ]
    }
}
