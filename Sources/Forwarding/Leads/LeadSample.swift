import OnewayCore

/// How many people of a sample Marketo does not have.
package struct LeadSample: Hashable, Sendable {
    package let asked: Int
    package let missing: Int
}

extension Forwarding {
    /// Asks for as many people as one call finds, if one can be made now. Nil: Marketo cannot say.
    package func sample(_ values: [String]) async -> LeadSample? {
        let values = Array(Set(values).sorted().prefix(MarketoBatches.recordsMax))
        let status = gate.status
        guard status.condition == .ok, status.pausedSince == nil, status.leftToday > 0 else { return nil }
        var reader = reader
        guard let found = try? await reader.leads(values), reader.calls > 0 else { return nil }
        return LeadSample(asked: values.count, missing: values.count - found.count)
    }
}
