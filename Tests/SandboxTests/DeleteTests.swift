import OnewayCore
import Testing

@testable import Sandbox

@Suite struct DeleteTests {
    @Test func whatIsInUseStays() throws {
        var (asking, lead) = try Asking.filled()
        let role = #"{"input": [{"externalOpportunityId": "o", "leadId": \#(lead), "role": "Customer"}]}"#
        let opportunity = #"{"input": [{"externalOpportunityId": "o"}]}"#
        let company = #"{"input": [{"externalCompanyId": "c"}]}"#
        #expect(try asking.delete(.opportunity, opportunity).short == ["1022"])
        #expect(try asking.delete(.company, company).short == ["1022"])
        #expect(try asking.delete(.role, role).short == ["deleted"])
        #expect(try asking.delete(.role, role).short == ["1013"])
        #expect(try asking.delete(.opportunity, opportunity).short == ["deleted"])
        #expect(try asking.delete(.opportunity, opportunity).short == ["1013"])
        #expect(try asking.delete(.company, company).short == ["deleted"])
        for kind in [MarketoKind.role, .opportunity, .company] { #expect(asking.book.all(kind).isEmpty) }
    }

    @Test func aDeletedLeadTakesItsRolesAlong() throws {
        var (asking, lead) = try Asking.filled()
        #expect(
            try asking.delete(.lead, #"{"input": [{"id": \#(lead)}, {"id": 99}, {}]}"#).short == [
                "deleted", "1004", "1002",
            ]
        )
        #expect(asking.book.all(.role).isEmpty)
        #expect(try asking.query(.lead, "filterType=externalPersonId&filterValues=p").items.isEmpty)
    }

    @Test func byIdAsWell() throws {
        var (asking, lead) = try Asking.filled()
        let guid = asking.book.record(.role, "o/\(lead)/Customer")?.members["marketoGUID"]?.shown ?? ""
        let body = #"{"deleteBy": "idField", "input": [{"marketoGUID": "\#(guid)"}, {"marketoGUID": "none"}, {}]}"#
        let outcomes = try asking.delete(.role, body)
        #expect(outcomes.short == ["deleted", "1013", "1002"])
        #expect(outcomes.map(\.key) == ["o/\(lead)/Customer", nil, nil])
        #expect(throws: MarketoFailure.self) { _ = try asking.delete(.role, #"{"deleteBy": "x", "input": [{}]}"#) }
    }
}
