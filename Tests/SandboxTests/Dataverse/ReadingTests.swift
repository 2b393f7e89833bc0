import OnewayCore
import Testing

@testable import Sandbox

@Suite struct ReadingTests {
    static let queries: [(query: String, first: String, count: Int)] = [
        ("accounts?$select=name&$orderby=name", "Adventure Works", 6),
        ("accounts?$select=name&$orderby=name desc&$top=2", "Żółw Łódź", 2),
        ("opportunities?$select=name&$filter=statecode eq 1&$orderby=name", "Spring campaign", 2),
        (
            "opportunities?$select=name&$filter=estimatedvalue gt 52500&$orderby=estimatedvalue desc",
            "Warehouse robots", 4
        ),
        ("opportunities?$select=name&$filter=customerid_contact/lastname eq 'silva'", "Home office", 1),
        ("opportunities?$select=name&$filter=_parentaccountid_value eq \(Company.account(6))", "Turtle pond", 1),
        ("opportunities?$select=name&$filter=new_synctomarketo eq false", "Not for marketing", 1),
        ("contacts?$select=fullname&$filter=emailaddress1 eq null", "Eve Nomail", 1),
        ("connectionroles?$select=name&$filter=category eq 1000&$orderby=name", "Champion", 3),
        ("transactioncurrencies?$select=isocurrencycode&$filter=exchangerate lt 1", "EUR", 1),
        ("systemusers?$select=fullname&$filter=internalemailaddress ne null&$orderby=fullname", "Amir Haddad", 3),
        (
            "connections?$select=connectionid&$filter=record2objecttypecode eq 2 and statecode eq 0 and "
                + "_record1id_value eq \(Company.opportunity(3))", "", 2
        ),
        ("sdkmessagefilters?$filter=primaryobjecttypecode eq 'opportunity' and sdkmessageid/name eq 'Create'", "", 1),
    ]

    @Test(arguments: queries) func aQueryFindsItsRows(query: String, first: String, count: Int) {
        var dataverse = Dataverse()
        let answer = dataverse.ask("GET", query)
        #expect(answer.status == 200 && answer.rows.count == count, "\(answer.json)")
        #expect(first.isEmpty || answer.rows.first?.values.contains(first) == true, "\(answer.json)")
    }

    static let refused: [(target: String, status: Int, code: String)] = [
        ("Accounts", 404, "0x8006088a"), ("nothings", 404, "0x8006088a"), ("accounts(7)", 404, "0x8006088a"),
        ("accounts({\(Company.account(1))})", 404, "0x8006088a"),
        ("accounts?$select=Name", 400, "0x0"), ("accounts?$select=name,", 400, "0x0"),
        ("opportunities?$select=customerid", 400, "0x0"), ("serviceendpoints?$select=authvalue", 400, "0x0"),
        ("serviceendpoints?$filter=authvalue eq 'a'", 400, "0x0"), ("accounts?$filter=nme eq 'a'", 400, "0x0"),
        ("accounts?$filter=name eq 1", 400, "0x0"), ("accounts?$filter=accountid eq 'a'", 400, "0x0"),
        ("accounts?$filter=parentaccountid/nme eq 'a'", 400, "0x0"), ("accounts?$orderby=nme", 400, "0x0"),
        ("accounts?$orderby=name up", 400, "0x0"), ("accounts?$top=x", 400, "0x0"),
        ("accounts?$skip=1", 400, "0x80060888"), ("accounts?$count=yes", 400, "0x0"),
        ("accounts?$expand=primarycontactid", 400, "0x0"), ("accounts?$apply=x", 400, "0x0"),
        ("accounts?fetchXml=x", 400, "0x0"), ("accounts?$skiptoken=x", 400, "0x0"),
        ("accounts(\(Company.contact(1)))", 404, "0x80040217"),
        ("accounts(\(Company.account(1)))?$filter=name eq 'a'", 400, "0x0"),
        ("accounts(\(Company.account(1)))/contacts", 404, "0x8006088a"), ("$metadata", 404, "0x8006088a"),
        ("/api/data/v8.0/accounts", 404, "0x8006088a"), ("/elsewhere", 404, "0x8006088a"),
    ]

    @Test(arguments: refused) func whatDataverseWouldRefuseIsRefused(target: String, status: Int, code: String) {
        var dataverse = Dataverse()
        let answer = dataverse.ask("GET", target)
        #expect(answer.status == status && answer.code == code, "\(answer.json)")
        #expect(!answer.says.isEmpty)
    }

    @Test func oneRowHasItsTypesAndNoAnnotationsUnlessAsked() throws {
        var dataverse = Dataverse()
        let path =
            "opportunities(\(Company.opportunity(2)))?$select=name,_customerid_value,estimatedvalue,estimatedclosedate,"
            + "statecode,actualvalue,createdon"
        let plain = dataverse.ask("GET", path).json.members
        #expect(plain["name"] == "Quay lighting" && plain["estimatedvalue"] == .number("52500.50"))
        #expect(plain["statecode"] == 0 && plain["actualvalue"] == .null)
        #expect(plain["_customerid_value"] == .string("\(Company.account(2))"))
        #expect(plain["estimatedclosedate"]?.shown.utf8.count == 10 && plain["createdon"]?.shown.hasSuffix("Z") == true)
        #expect(plain["_transactioncurrencyid_value"] == .string("\(Company.dollars)"), "comes with an amount")
        #expect(plain["opportunityid"] != nil && plain["@odata.etag"]?.shown.hasPrefix("W/\"") == true)
        #expect(plain["@odata.context"]?.shown.hasSuffix("/$entity") == true)
        #expect(!plain.keys.contains { $0.contains("@") && !$0.hasPrefix("@odata.") })

        let some = dataverse.ask(
            "GET",
            path,
            prefer: "odata.include-annotations=\"Microsoft.Dynamics.CRM.lookuplogicalname\""
        )
        #expect(some.json.members["_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account")
        #expect(some.json.members["statecode@OData.Community.Display.V1.FormattedValue"] == nil)
        #expect(some.headers.contains { $0.name == "Preference-Applied" })
        let all = dataverse.ask("GET", path, prefer: "odata.include-annotations=\"*\"").json.members
        #expect(all["statecode@OData.Community.Display.V1.FormattedValue"] == "Open")
        #expect(all["estimatedvalue@OData.Community.Display.V1.FormattedValue"] == "$52,500.50")
        #expect(
            all["_customerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "customerid_account"
        )
        #expect(all["_customerid_value@OData.Community.Display.V1.FormattedValue"] == "Fabrikam")
    }

    @Test func aRowThatIsKnownIsNotSentAgain() throws {
        var dataverse = Dataverse()
        let path = "accounts(\(Company.account(1)))?$select=name"
        let etag = dataverse.ask("GET", path).json.members["@odata.etag"]?.shown ?? ""
        #expect(dataverse.ask("GET", path, headers: [("If-None-Match", etag)]).status == 304)
        #expect(dataverse.ask("GET", path, headers: [("If-None-Match", "null")]).status == 200)
        _ = try dataverse.apply(.update(table: "account", Company.account(1), ["name": "Other"]))
        #expect(dataverse.ask("GET", path, headers: [("If-None-Match", etag)]).status == 200)
    }

    @Test func whoIsAsking() {
        var dataverse = Dataverse()
        for path in ["WhoAmI", "WhoAmI()"] {
            #expect(dataverse.ask("GET", path).json.members["UserId"] == .string("\(Company.applicationUser)"))
        }
        #expect(dataverse.ask("POST", "WhoAmI", "{}").status == 404)
    }

    @Test(arguments: [
        ("*", "a.b", true), ("a.*", "a.b", true), ("a.*", "b.a", false), ("a.b,c", "c", true), ("*,-a.b", "a.b", false),
        ("-a.b", "a.c", false), ("", "a", false),
    ])
    func annotationsAreChosenByPatterns(text: String, name: String, isIncluded: Bool) {
        #expect(Annotations(text).includes(name) == isIncluded)
    }
}
