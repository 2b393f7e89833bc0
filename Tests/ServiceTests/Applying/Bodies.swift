/// Bodies in Dynamics' format. Values are given as JSON text.
struct Body {
    var message = "Update"
    var entity = "opportunity"
    var id = "11110000-0000-0000-0000-000000000001"
    var attributes: [(key: String, value: String)] = []
    var second: Int64 = 1_772_442_000
    var rowVersion: UInt64?
    var operation = "b0c10002-8a17-f011-9989-7c1e5237aa01"
    /// Over 256 KB, so Dynamics leaves out the content.
    var isCut = false
    /// From a synchronous step, before the transaction is committed.
    var isInTransaction = false
    var user = "d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d"

    private static let contracts = #"http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts"#

    static func reference(_ entity: String, _ id: String) -> String {
        #"{"__type":"EntityReference:\#(contracts)","Id":"\#(id)","KeyAttributes":[],"LogicalName":"\#(entity)"}"#
    }

    static func option(_ number: Int) -> String { #"{"__type":"OptionSetValue:\#(contracts)","Value":\#(number)}"# }

    private var date: String { #""\/Date(\#(second * 1000))\/""# }

    private var target: String {
        if message == "Delete" { return Self.reference(entity, id) }
        let pairs = (attributes + [("modifiedon", date)]).map { #"{"key":"\#($0.key)","value":\#($0.value)}"# }
        let version = rowVersion.map { #""\#($0)""# } ?? "null"
        return #"{"__type":"Entity:\#(Self.contracts)","Attributes":[\#(pairs.joined(separator: ","))],"Id":"\#(id)","#
            + #""LogicalName":"\#(entity)","RowVersion":\#(version)}"#
    }

    private var parameters: String { isCut ? "[]" : #"[{"key":"Target","value":\#(target)}]"# }

    var bytes: [UInt8] {
        let text = """
            {"Depth":1,"InitiatingUserId":"\(user)","InputParameters":\(parameters),\
            "IsInTransaction":\(isInTransaction),"MessageName":"\(message)","Mode":\(isInTransaction ? 0 : 1),"OperationCreatedOn":"\\/Date(\(second * 1000 + 500)+0000)\\/",\
            "OperationId":"\(operation)","OrganizationId":"5b1f7c0e-9a44-4d6f-8c53-2f1be07d6a10",\
            "PrimaryEntityId":"\(id)","PrimaryEntityName":"\(entity)","Stage":40,"UserId":"\(user)"}
            """
        return Array(text.utf8)
    }
}
