import Testing

@testable import OnewayCore

@Suite struct MarketoCallTests {
    private static let records = [Array(#"{"a":1}"#.utf8), Array(#"{"b":"ü"}"#.utf8)]

    @Test func everyCallIsWhatMarketoDocuments() {
        let input = #""input":[{"a":1},{"b":"ü"}]}"#
        let sync = #"{"action":"createOrUpdate","dedupeBy":"dedupeFields","# + input
        let delete = #"{"deleteBy":"dedupeFields","# + input
        let table: [(MarketoCall, MarketoCallName, String, String, Int)] = [
            (.sync(.company, Self.records), .companiesSync, "companies.json", sync, 60),
            (.sync(.opportunity, Self.records), .opportunitiesSync, "opportunities.json", sync, 60),
            (.sync(.role, Self.records), .rolesSync, "opportunities/roles.json", sync, 60),
            (.sync(.salesPerson, Self.records), .salesPersonsSync, "salespersons.json", sync, 60),
            (.delete(.company, Self.records)!, .companiesDelete, "companies/delete.json", delete, 60),
            (.delete(.opportunity, Self.records)!, .opportunitiesDelete, "opportunities/delete.json", delete, 60),
            (.delete(.role, Self.records)!, .rolesDelete, "opportunities/roles/delete.json", delete, 60),
            (
                .sync(.person, Self.records), .leadsSync, "leads.json",
                #"{"action":"updateOnly","lookupField":"id","# + input, 90
            ),
            (
                .syncLeads("email", Self.records, partition: nil), .leadsSync, "leads.json",
                #"{"action":"createOrUpdate","lookupField":"email","# + input, 90
            ),
        ]
        for (call, name, path, body, seconds) in table {
            #expect(call.name == name && call.path == "/rest/v1/" + path)
            #expect(call.method == .post && call.secondsMax == seconds && call.records == 2)
            #expect(call.body == .json(Array(body.utf8)))
        }
    }

    @Test func noCallDeletesAPersonOrASalesPerson() {
        for kind in RecordKind.allCases {
            let isKept = kind == .person || kind == .salesPerson
            #expect((MarketoCall.delete(kind, Self.records) == nil) == isKept)
        }
    }

    @Test func questionsCarryNoBody() {
        let table: [(MarketoCall, MarketoCallName, String)] = [
            (.describe(.company), .companiesDescribe, "companies/describe.json"),
            (.describe(.opportunity), .opportunitiesDescribe, "opportunities/describe.json"),
            (.describe(.role), .rolesDescribe, "opportunities/roles/describe.json"),
            (.describeLeads, .leadsDescribe, "leads/describe2.json"),
            (.describe(.person), .leadsDescribe, "leads/describe2.json"),
            (.describe(.salesPerson), .salesPersonsDescribe, "salespersons/describe.json"),
            (.usage, .usage, "stats/usage.json"),
        ]
        for (call, name, path) in table {
            #expect(call.name == name && call.path == "/rest/v1/" + path)
            #expect(call.method == .get && call.body == .none && call.secondsMax == 30 && call.records == 0)
        }
    }

    @Test func lookingUpIsPostedAsAForm() {
        let ids = ["a-1", "", "with,comma", "b+2 &=%ü"]
        let find = MarketoCall.find(
            .role,
            ids: ids,
            by: "externalOpportunityId",
            fields: ["leadId", "role"],
            page: "p="
        )
        #expect(find.path == "/rest/v1/opportunities/roles.json?_method=GET")
        #expect(find.method == .post && find.name == .rolesFind && find.secondsMax == 30 && find.records == 2)
        let form =
            "filterType=externalOpportunityId&filterValues=a-1%2Cb%2B2%20%26%3D%25%C3%BC"
            + "&fields=leadId%2Crole&nextPageToken=p%3D"
        #expect(find.body == .form(Array(form.utf8)))

        let leads = MarketoCall.findLeads("email", ["a@b.c"], fields: [])
        #expect(leads.path == "/rest/v1/leads.json?_method=GET" && leads.name == .leadsFind && leads.secondsMax == 60)
        #expect(leads.body == .form(Array("filterType=email&filterValues=a%40b.c".utf8)))
        let paths = RecordKind.allCases.map { MarketoCall.find($0, ids: ["a"], by: "b", fields: []).path }
        #expect(paths.allSatisfy { $0.hasPrefix("/rest/v1/") && $0.hasSuffix(".json?_method=GET") })
        #expect(Set(paths).count == 5)
    }

    /// Three hundred ids would be too long for a URL, so they are in the body.
    @Test func aFullQuestionHasAShortPath() {
        let ids = (0..<300).map { "00000000-0000-0000-0000-\(100_000_000_000 + $0)" }
        let call = MarketoCall.find(.opportunity, ids: ids, by: "externalOpportunityId", fields: [])
        #expect(call.records == 300 && call.path.utf8.count < 100)
    }

    @Test func noWriteMayBeSentTwiceUnnoticed() {
        let reads: [MarketoCall] = [.describe(.role), .usage, .findLeads("a", [], fields: []), .describeLeads]
        #expect(reads.allSatisfy { $0.isRepeatable })
        let writes: [MarketoCall] = [
            .sync(.role, []), .delete(.opportunity, [])!, .syncLeads("email", [], partition: "EMEA"),
        ]
        #expect(writes.allSatisfy { !$0.isRepeatable })
    }
}
