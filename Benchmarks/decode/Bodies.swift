/// A Create of an opportunity with any number of columns, in the wire format, including the parent context.
enum Bodies {
    static func created(attributes count: Int) -> [UInt8] {
        let target = entity(count, isTyped: true)
        let image = pair("AsynchronousStepPrimaryName", entity(2, isTyped: false))
        let parent = envelope(
            parameters: "[\(pair("Target", entity(count / 4, isTyped: true)))]",
            images: "",
            parent: "null"
        )
        let whole = envelope(parameters: "[\(pair("Target", target))]", images: image, parent: parent)
        return Array(whole.utf8)
    }

    private static func pair(_ key: String, _ value: String) -> String { #"{"key":"\#(key)","value":\#(value)}"# }

    private static func contract(_ name: String) -> String {
        #""__type":"\#(name):http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts""#
    }

    private static func entity(_ count: Int, isTyped: Bool) -> String {
        let columns =
            (0..<count).map { pair(name($0), value($0)) } + [pair("modifiedon", #""\/Date(1772442000000)\/""#)]
        let formatted = (0..<count / 3).map { pair(name($0), "\"Formatted text \($0)\"") }
        return "{\(isTyped ? contract("Entity") + "," : "")\"Attributes\":[\(columns.joined(separator: ","))],"
            + #""EntityState":null,"FormattedValues":[\#(formatted.joined(separator: ","))],"#
            + #""Id":"5e6f0001-71b4-ef11-a72f-6045bd905a01","KeyAttributes":[],"LogicalName":"opportunity","#
            + #""RelatedEntities":[],"RowVersion":null}"#
    }

    private static let known = [
        "statecode", "customerid", "name", "estimatedvalue", "createdon", "closeprobability", "isprivate", "statuscode",
        "parentcontactid", "stageid", "stepname", "estimatedvalue_base", "estimatedclosedate", "exchangerate",
    ]

    private static func name(_ index: Int) -> String {
        index < known.count ? known[index] : "new_custom_column_\(index)"
    }

    private static func value(_ index: Int) -> String {
        switch index % 7 {
        case 0: "{\(contract("OptionSetValue")),\"Value\":\(index)}"
        case 1 where index < known.count || index % 2 == 0:
            "{\(contract("EntityReference"))," + #""Id":"3c4d0001-71b4-ef11-a72f-6045bd905a01","KeyAttributes":[],"#
                + #""LogicalName":"contact","Name":null,"RowVersion":null}"#
        case 2: "\"Some text of column \(index)\\r\\nand a second line\""
        case 3: "{\(contract("Money")),\"Value\":\(index)8000.0000}"
        case 4: #""\/Date(17724420\#(10 + index % 90)000)\/""#
        case 5: "\(index)"
        case 6: index % 2 == 0 ? "false" : "true"
        default: "null"
        }
    }

    private static func envelope(parameters: String, images: String, parent: String) -> String {
        #"{"BusinessUnitId":"0c5d8e21-3fb1-ef11-b8e8-000d3a2b4c6d","CorrelationId":"b0c10001-8a17-f011-9989-7c1e5237aa01","#
            + #""Depth":1,"InitiatingUserAgent":"","InitiatingUserAzureActiveDirectoryObjectId":"#
            + #""00000000-0000-0000-0000-000000000000","InitiatingUserId":"d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d","#
            + #""InputParameters":\#(parameters),"IsExecutingOffline":false,"IsInTransaction":false,"#
            + #""IsOfflinePlayback":false,"IsolationMode":1,"MessageName":"Create","Mode":1,"#
            + #""OperationCreatedOn":"\/Date(1772442001000+0000)\/","OperationId":"b0c10002-8a17-f011-9989-7c1e5237aa01","#
            + #""OrganizationId":"5b1f7c0e-9a44-4d6f-8c53-2f1be07d6a10","OrganizationName":"orgb7d2c94e","#
            + #""OutputParameters":[{"key":"id","value":"5e6f0001-71b4-ef11-a72f-6045bd905a01"}],"#
            + #""OwningExtension":{"Id":"d0e00001-5bb1-ef11-b8e8-000d3a2b4c6d","KeyAttributes":[],"#
            + #""LogicalName":"sdkmessageprocessingstep","Name":null,"RowVersion":null},"ParentContext":\#(parent),"#
            + #""PostEntityImages":[\#(images)],"PreEntityImages":[],"#
            + #""PrimaryEntityId":"5e6f0001-71b4-ef11-a72f-6045bd905a01","PrimaryEntityName":"opportunity","#
            + #""RequestId":"b0c10003-8a17-f011-9989-7c1e5237aa01","SecondaryEntityName":"none","SharedVariables":[],"#
            + #""Stage":40,"UserAzureActiveDirectoryObjectId":"00000000-0000-0000-0000-000000000000","#
            + #""UserId":"d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d"}"#
    }
}
