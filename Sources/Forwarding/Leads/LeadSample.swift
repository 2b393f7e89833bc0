import MarketoClient
import OnewayCore

/// How many people of a sample Marketo does not have.
package struct LeadSample: Hashable, Sendable {
    package let asked: Int
    package let missing: Int
}

extension Forwarding {
    /// With one call of the budget, if one can be made now. Nil: Marketo cannot say.
    package func sample(_ values: [String]) async -> LeadSample? {
        let values = Array(Set(values).sorted().prefix(MarketoBatches.recordsMax))
        let call = MarketoCall.findLeads(lead.field, values, fields: ["id", lead.field])
        let status = gate.status
        guard call.records > 0, status.condition == .ok, status.pausedSince == nil, status.leftToday > 0,
            let slot = await gate.acquire()
        else { return nil }
        let reading = CallReading(await client.call(call), .read, .role, count: call.records)
        gate.answer(reading.signal, slot)
        guard reading.whole == nil, let answer = reading.answer else { return nil }
        let found = Set(
            answer.results.compactMap { result in
                let field = result.fields[lead.field]
                return (field?.string ?? field?.number)?.lowercased()
            }
        )
        return LeadSample(asked: values.count, missing: values.count { !found.contains($0.lowercased()) })
    }
}
