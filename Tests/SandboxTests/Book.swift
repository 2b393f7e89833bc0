import OnewayCore

@testable import Sandbox

/// The inbox has outcomes too.
typealias Outcome = Sandbox.Outcome

let anytime = Timestamp(second: 1_790_000_000)

/// A book that is called with JSON, as clients do.
struct Asking {
    var book = MarketoBook()

    mutating func sync(_ kind: MarketoKind, _ body: String) throws -> [Outcome] {
        try book.sync(kind, SyncRequest(JSONDocument(Array(body.utf8)).root, kind), now: anytime)
    }

    mutating func delete(_ kind: MarketoKind, _ body: String) throws -> [Outcome] {
        try book.delete(kind, SyncRequest(deleting: JSONDocument(Array(body.utf8)).root, kind))
    }

    mutating func query(_ kind: MarketoKind, _ parameters: String) throws -> Page {
        try book.query(kind, QueryRequest(Parameters(parameters)), now: anytime)
    }

    /// One opportunity `o` of company `c`, with one lead and a role.
    static func filled() throws -> (asking: Asking, lead: Int) {
        var asking = Asking()
        let lead = asking.book.seedLead(["externalPersonId": "p", "email": "p@example.com"], now: anytime)
        _ = try asking.sync(.company, #"{"input": [{"externalCompanyId": "c", "company": "Contoso"}]}"#)
        _ = try asking.sync(
            .opportunity,
            #"{"input": [{"externalOpportunityId": "o", "name": "One", "externalCompanyId": "c"}]}"#
        )
        _ = try asking.sync(
            .role,
            #"{"input": [{"externalOpportunityId": "o", "leadId": \#(lead), "role": "Customer"}]}"#
        )
        return (asking, lead)
    }
}

extension [Outcome] {
    /// `created`, or the codes of skipped records.
    var short: [String] {
        map { $0.status == .skipped ? $0.reasons.map(\.code).joined(separator: ",") : $0.status.rawValue }
    }
}
