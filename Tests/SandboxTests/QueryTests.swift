import OnewayCore
import Testing

@testable import Sandbox

@Suite struct QueryTests {
    @Test func pagesHoldEverythingOnceAndInOrder() throws {
        var asking = Asking()
        for batch in 0..<3 {
            let input = (0..<300).map { #"{"externalCompanyId": "c\#(batch * 300 + $0)", "company": "same"}"# }
            _ = try asking.sync(.company, #"{"input": [\#(input.joined(separator: ","))]}"#)
        }
        for (size, pages) in [("", 3), ("&batchSize=300", 3), ("&batchSize=299", 4), ("&batchSize=1000", 3)] {
            var ids: [String] = []
            var next: String? = ""
            var count = 0
            while let token = next {
                let page = try asking.query(
                    .company,
                    "filterType=company&filterValues=same&nextPageToken=\(token)\(size)"
                )
                ids += page.items.compactMap { $0.members["externalCompanyId"]?.shown }
                next = page.next
                count += 1
            }
            #expect(ids == (0..<900).map { "c\($0)" })
            #expect(count == pages)
        }
    }

    static let failures: [(MarketoKind, String, String)] = [
        (.opportunity, "filterValues=o", "701"),
        (.opportunity, "filterType=externalOpportunityId", "701"),
        (.opportunity, "filterType=stage&filterValues=o", "1011"),
        (.opportunity, "filterType=externalOpportunityId&filterValues=o&fields=name,nosuch", "1006"),
        (.opportunity, "filterType=externalOpportunityId&filterValues=o&batchSize=0", "1003"),
        (.opportunity, "filterType=externalOpportunityId&filterValues=o&nextPageToken=mine", "1003"),
        (.role, "filterType=dedupeFields&filterValues=o", "701"),
        (.lead, "filterType=firstName&filterValues=o", "1011"),
        (.lead, "filterType=dedupeFields&filterValues=o", "1011"),
        (
            .lead,
            "filterType=email&filterValues=" + (0...300).map { "a\($0)" }.joined(separator: ","),
            "1003"
        ),
    ]

    @Test(arguments: failures) func aQueryFails(kind: MarketoKind, parameters: String, code: String) throws {
        var (asking, _) = try Asking.filled()
        let failure = #expect(throws: MarketoFailure.self) { _ = try asking.query(kind, parameters) }
        #expect(failure?.code == code)
    }

    @Test func whatIsEmptyIsLeftOutAndForLeadsNull() throws {
        var (asking, lead) = try Asking.filled()
        let page = try asking.query(
            .opportunity,
            "filterType=dedupeFields&filterValues=o,%20x&fields=name,stage"
        )
        #expect(page.items == [["seq": 0, "name": "One"]])
        let leads = try asking.query(.lead, "filterType=externalPersonId&filterValues=p&fields=email,title")
        #expect(leads.items == [["id": .int(lead), "email": "p@example.com", "title": nil]])
        let byID = try asking.query(.lead, "filterType=id&filterValues=\(lead)")
        #expect(byID.items.first?.members["firstName"] == .null)
    }

    @Test func rolesAreFoundByKeyAndByEachPart() throws {
        var (asking, lead) = try Asking.filled()
        for filter in ["externalOpportunityId&filterValues=o", "leadId&filterValues=\(lead)"] {
            #expect(try asking.query(.role, "filterType=\(filter)").items.count == 1)
        }
        let guid = asking.book.record(.role, "o/\(lead)/Customer")?.members["marketoGUID"]?.shown ?? ""
        #expect(try asking.query(.role, "filterType=idField&filterValues=\(guid)").items.count == 1)
        let body = """
            {"filterType": "dedupeFields", "fields": ["role"], "input": [
              {"externalOpportunityId": "o", "leadId": \(lead), "role": "Customer"},
              {"externalOpportunityId": "o", "leadId": \(lead), "role": "Other"}]}
            """
        let request = try QueryRequest(JSONDocument(Array(body.utf8)).root, Parameters())
        #expect(try asking.book.query(.role, request, now: anytime).items == [["seq": 0, "role": "Customer"]])
    }

    @Test func moreThanAThousandLeadsAreTooMany() throws {
        var asking = Asking()
        for _ in 0...1000 { asking.book.seedLead(["email": "same@example.com"], now: anytime) }
        #expect(throws: MarketoFailure.invalid("Too many results match the filter")) {
            _ = try asking.query(.lead, "filterType=email&filterValues=same@example.com")
        }
    }

    @Test func leadsAreMadeUpOnlyWhereAsked() throws {
        var asking = Asking()
        let filter = "filterType=externalPersonId&filterValues=a,b"
        #expect(try asking.query(.lead, filter).items.isEmpty)
        asking.book.makesUpLeads = true
        #expect(try asking.query(.lead, filter).items.count == 2)
        #expect(try asking.query(.lead, filter).items.count == 2)
        #expect(try asking.query(.lead, "filterType=email&filterValues=no-address,a@example.com").items.count == 1)
        #expect(asking.book.all(.lead).count == 3)
    }

    @Test func aSeededUnknownFieldCanBeSearchedBy() throws {
        var asking = Asking()
        asking.book.seedLead(["crmKey": "k", "firstName": nil], now: anytime)
        #expect(try asking.query(.lead, "filterType=crmKey&filterValues=k&fields=crmKey").items.count == 1)
        #expect(try asking.sync(.lead, #"{"lookupField": "crmKey", "input": [{"crmKey": "k"}]}"#).short == ["updated"])
    }

    @Test(arguments: MarketoKind.allCases) func describeListsTheAcceptedFields(kind: MarketoKind) throws {
        let text = String(decoding: MarketoBook().describe(kind).encoded, as: UTF8.self)
        let described = try JSONDocument(Array(text.utf8)).root.elements[0]
        let schema = Schema(kind)
        #expect(described["fields"]?.elements.compactMap { $0["name"]?.string } == schema.fields.map(\.name))
        for names in described["searchableFields"]?.elements ?? [] where names.elements.count == 1 {
            let name = names.elements[0].string ?? ""
            var book = MarketoBook()
            #expect(throws: Never.self) {
                try book.query(kind, QueryRequest(Parameters("filterType=\(name)&filterValues=1")), now: anytime)
            }
        }
    }
}
