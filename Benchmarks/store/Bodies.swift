/// Bodies as Dynamics sends them, about 8 KB each, with different names, ids and numbers.
struct Bodies {
    private var random: Seeded

    init(seed: UInt64) { random = Seeded(state: seed) }

    mutating func next() -> [UInt8] { Array(context(id: guid(), parent: context(id: guid(), parent: "null")).utf8) }

    private static let contracts = #":http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts"#
    private static let words = """
        alpha north river trade supply blue group market office paper stone green cloud steel coast energy labs motor \
        foods media pharma retail systems works capital design garden harbor island jewel kettle lumen mirror nickel \
        orbit pixel quartz rocket signal timber urban vector winter yellow zenith
        """.split(separator: " ").map(String.init)
    private static let columns = [
        "name", "description", "estimatedvalue", "statecode", "statuscode", "closeprobability", "stepname",
        "modifiedon", "createdon", "estimatedclosedate", "modifiedby", "ownerid", "customerid", "parentaccountid",
        "parentcontactid", "transactioncurrencyid", "pricelevelid", "exchangerate", "prioritycode", "salesstage",
        "processid", "stageid", "new_region", "new_budget",
    ]

    private mutating func context(id: String, parent: String) -> String {
        let (target, image) = (entity(id: id), entity(id: id))
        return """
            {"BusinessUnitId":"\(guid())","CorrelationId":"\(guid())","Depth":\(number(1, 3)),\
            "InitiatingUserId":"\(guid())","InputParameters":[{"key":"Target","value":\(target)}],\
            "IsExecutingOffline":false,"IsInTransaction":false,"IsOfflinePlayback":false,"IsolationMode":1,\
            "MessageName":"Update","Mode":1,"OperationCreatedOn":"\(date())","OperationId":"\(guid())",\
            "OrganizationId":"\(guid())","OrganizationName":"org\(number(1_000_000, 9_999_999))",\
            "OutputParameters":[],"OwningExtension":\(reference()),"ParentContext":\(parent),\
            "PostEntityImages":[{"key":"AsynchronousStepPrimaryName","value":\(image)}],"PreEntityImages":[],\
            "PrimaryEntityId":"\(id)","PrimaryEntityName":"opportunity","RequestId":"\(guid())",\
            "SecondaryEntityName":"none","SharedVariables":[{"key":"IsAutoTransact","value":true}],"Stage":40,\
            "UserId":"\(guid())"}
            """
    }

    private mutating func entity(id: String) -> String {
        let chosen = Self.columns.shuffled(using: &random).prefix(number(8, 13))
        let attributes = chosen.map { #"{"key":"\#($0)","value":\#(value(of: $0))}"# }.joined(separator: ",")
        return #"{"__type":"Entity\#(Self.contracts)","Attributes":[\#(attributes)],"EntityState":null,"#
            + #""FormattedValues":[],"Id":"\#(id)","KeyAttributes":[],"LogicalName":"opportunity","#
            + #""RelatedEntities":[],"RowVersion":"\#(number(10_000_000, 99_999_999))"}"#
    }

    private mutating func value(of column: String) -> String {
        switch column {
        case "name", "stepname", "new_region": #""\#(text(3))""#
        case "description": #""\#(text(number(5, 30)))""#
        case "estimatedvalue", "new_budget":
            #"{"__type":"Money\#(Self.contracts)","Value":\#(number(1, 999_999)).\#(number(10, 99))}"#
        case "statecode", "statuscode", "prioritycode", "salesstage":
            #"{"__type":"OptionSetValue\#(Self.contracts)","Value":\#(number(0, 6))}"#
        case "closeprobability": "\(number(0, 100))"
        case "exchangerate": "0.\(number(1_000_000_000, 9_999_999_999))"
        case "processid", "stageid": #""\#(guid())""#
        case _ where column.hasSuffix("on") || column.hasSuffix("date"): #""\#(date())""#
        default: reference()
        }
    }

    private mutating func reference() -> String {
        #"{"__type":"EntityReference\#(Self.contracts)","Id":"\#(guid())","KeyAttributes":[],"#
            + #""LogicalName":"account","Name":"\#(text(2))","RowVersion":null}"#
    }

    private mutating func date() -> String { #"\/Date(\#(number(1_700_000_000, 1_760_000_000))000)\/"# }

    private mutating func text(_ count: Int) -> String {
        (0..<count).map { _ in Self.words[number(0, Self.words.count - 1)] }.joined(separator: " ")
    }

    mutating func guid() -> String {
        let digits = Array(hex(random.next()) + hex(random.next()))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    private func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private mutating func number(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &random) }
}

/// SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
