import OnewayCore
import Testing

@testable import Sandbox

@Suite struct MetadataTests {
    @Test func tablesSayWhetherTheyTrackChanges() {
        var dataverse = Dataverse()
        let answer = dataverse.ask("GET", "EntityDefinitions?$select=LogicalName&$filter=ChangeTrackingEnabled eq true")
        let names = answer.rows.compactMap { $0["LogicalName"] }
        #expect(Set(names) == ["account", "contact", "opportunity", "connection", "systemuser"])
        dataverse.instance.book.tables.setTracking("connection", false)
        let less = dataverse.ask("GET", "EntityDefinitions?$select=LogicalName&$filter=ChangeTrackingEnabled eq true")
        #expect(less.rows.count == 4)
    }

    @Test func allTablesCanBeListedWithTheirColumns() throws {
        var dataverse = Dataverse()
        let answer = dataverse.ask(
            "GET",
            "EntityDefinitions?$select=LogicalName&$expand=Attributes($select=LogicalName,AttributeType)"
        )
        let account = try #require(answer.list.first { $0.members["LogicalName"] == "account" })
        guard case .array(let columns)? = account.members["Attributes"] else { throw NotAList() }
        #expect(columns.contains { $0.members["LogicalName"] == "name" && $0.members["AttributeType"] == "String" })
        #expect(dataverse.ask("GET", "EntityDefinitions?$select=Attributes").status == 400, "only if it is expanded")
        let sets = dataverse.ask("GET", "").rows
        #expect(sets.contains { $0["name"] == "opportunities" && $0["kind"] == "EntitySet" })
    }

    private struct NotAList: Error {}

    @Test func columnsHaveLabelsTypesAndLengths() throws {
        var dataverse = Dataverse()
        let path = "EntityDefinitions(LogicalName='opportunity')/Attributes"
        let text = dataverse.ask(
            "GET",
            "\(path)/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=LogicalName,MaxLength"
        )
        #expect(text.rows.first { $0["LogicalName"] == "name" }?["MaxLength"] == "300")
        let all = dataverse.ask("GET", "\(path)?$select=LogicalName,AttributeType,DisplayName")
        let value = try #require(all.list.first { $0.members["LogicalName"] == "estimatedvalue" }?.members)
        #expect(value["AttributeType"] == "Money")
        #expect(value["DisplayName"]?.members["UserLocalizedLabel"]?.members["Label"] == "Est. Revenue")
        let one = dataverse.ask(
            "GET",
            "EntityDefinitions(LogicalName='opportunity')?$select=EntitySetName&$expand=Attributes($select=LogicalName)"
        )
        #expect(one.json.members["EntitySetName"] == "opportunities" && one.json.members["Attributes"] != nil)
        let states = dataverse.ask(
            "GET",
            "\(path)(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet"
        )
        #expect(String(decoding: states.json.encoded, as: UTF8.self).contains("Out-Sold"))
        #expect(dataverse.ask("GET", "\(path)?$filter=AttributeType eq 'Lookup'&$select=LogicalName").rows.count == 6)
        let typed = "AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Boolean'"
        #expect(dataverse.ask("GET", "\(path)?$filter=\(typed)&$select=LogicalName").rows.count == 2)
    }

    @Test(arguments: [
        ("EntityDefinitions(LogicalName='nothing')", 404), ("EntityDefinitions?$select=Nothing", 400),
        ("EntityDefinitions?$filter=Nothing eq 1", 400), ("EntityDefinitions?$top=1", 400),
        ("EntityDefinitions(LogicalName='account')/Attributes?$select=MaxLength", 400),
        ("EntityDefinitions(LogicalName='account')/Attributes(LogicalName='nothing')", 404),
        ("EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.Nothing", 404),
        ("EntityDefinitions(LogicalName='account')/Keys", 404),
        ("EntityDefinitions(LogicalName='account')/Attributes?$expand=OptionSet", 400),
    ])
    func whatIsNotThereIsRefused(path: String, status: Int) {
        var dataverse = Dataverse()
        #expect(dataverse.ask("GET", path).status == status)
    }
}
