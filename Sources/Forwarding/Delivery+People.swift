import Coordination
import MarketoClient
import OnewayCore
import Store

// People: the company of leads that Marketo has. Nothing else of them is changed, and none is created or deleted.
extension Delivery {
    mutating func deliverPeople(_ items: [OutboxItem]) async throws(StoreError) {
        // Marketo cannot take a person out of a company: one that is not to be in any stays where it is.
        await settle(items.filter { $0.state.desired == nil }.map { Settlement($0, .confirmed(requestID: nil)) })
        let ready = try await withCompany(items.filter { $0.state.desired != nil })
        if ready.isEmpty { return }
        let found = try await LeadSearch(context).find(ready.compactMap(\.leadWanted), in: &self)
        var (places, settlements) = ([PersonPlace: [OutboxItem]](), [Settlement]())
        for item in ready {
            let answer = item.leadValue.flatMap { found[$0] } ?? .unavailable
            if case .found(let lead) = answer, let company = item.text("externalCompanyId") {
                places[PersonPlace(lead: lead, company: company), default: []].append(item)
            } else {
                settlements.append(Settlement(item, verdict(on: item, answer)))
            }
        }
        await settle(settlements)
        for round in rounds(of: places) {
            await send(.sync, round.filter { $0.attempts == 0 })
            await send(.sync, round.filter { $0.attempts > 0 })
        }
    }

    /// Several contacts may be one lead, and may even belong to different accounts: then the contact with the highest id
    /// is the last in the row. A lead is in each call once, because Marketo does not say in which order it processes one.
    private func rounds(of places: [PersonPlace: [OutboxItem]]) -> [[OutgoingRecord]] {
        var (rounds, turns) = ([[OutgoingRecord]](), [Int64: Int]())
        let ordered = places.mapValues { $0.sorted { $0.key < $1.key } }
            .sorted { $0.value[$0.value.count - 1].key < $1.value[$1.value.count - 1].key }
        for (place, items) in ordered {
            let turn = turns[place.lead, default: 0]
            turns[place.lead] = turn + 1
            if turn == rounds.count { rounds.append([]) }
            rounds[turn].append(OutgoingRecord(items: items, wire: place.wire, lead: place.lead))
        }
        return rounds
    }
}

private struct PersonPlace: Hashable {
    let lead: Int64
    let company: String

    var wire: [UInt8] {
        let record: JSON = ["id": .int(lead), "externalCompanyId": .string(company)]
        return record.encoded
    }
}
