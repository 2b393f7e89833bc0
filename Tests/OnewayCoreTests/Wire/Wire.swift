@testable import OnewayCore

/// Bodies in Dynamics' format, for tests. Values are given as JSON text.
struct Wire {
    static let opportunity = "5e6f0001-71b4-ef11-a72f-6045bd905a01"
    static let accountA = "1a2b0001-71b4-ef11-a72f-6045bd905a01"
    static let contactC = "3c4d0001-71b4-ef11-a72f-6045bd905a01"
    static let zero = "00000000-0000-0000-0000-000000000000"
    /// 2026-03-02T09:00:00Z
    static let second: Int64 = 1_772_442_000

    var message = "Update"
    var entity = "opportunity"
    var id = opportunity
    var attributes: [(key: String, value: String)] = []
    var modifiedOn: Int64? = second
    var rowVersion: String?
    /// Replaces the parameters that hold the Target.
    var parameters: String?
    var pre = "[]"
    var post = "[]"
    /// Replaces envelope members, or removes them (nil).
    var envelope: [String: String?] = [:]
    var extraMembers: [(key: String, value: String)] = []

    static func reference(_ entity: String, _ id: String) -> String {
        #"{"__type":"EntityReference:http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts","Id":"\#(id)","KeyAttributes":[],"#
            + #""LogicalName":"\#(entity)","Name":null,"RowVersion":null}"#
    }

    static func option(_ number: Int) -> String {
        #"{"__type":"OptionSetValue:http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts","Value":\#(number)}"#
    }

    static func money(_ digits: String) -> String {
        #"{"__type":"Money:http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts","Value":\#(digits)}"#
    }

    static func date(_ second: Int64) -> String { #""\/Date(\#(second * 1000))\/""# }

    static func pairs(_ pairs: [(key: String, value: String)]) -> String {
        "[" + pairs.map { #"{"key":"\#($0.key)","value":\#($0.value)}"# }.joined(separator: ",") + "]"
    }

    static func entity(
        _ name: String,
        _ id: String,
        _ attributes: [(key: String, value: String)],
        rowVersion: String? = nil
    ) -> String {
        #"{"__type":"Entity:http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts","Attributes":\#(pairs(attributes)),"#
            + #""EntityState":null,"FormattedValues":[],"Id":"\#(id)","KeyAttributes":[],"LogicalName":"\#(name)","#
            + #""RelatedEntities":[],"RowVersion":\#(rowVersion.map { "\"\($0)\"" } ?? "null")}"#
    }

    var target: String {
        let times = modifiedOn.map { [(key: "modifiedon", value: Self.date($0))] } ?? []
        return Self.entity(entity, id, attributes + times, rowVersion: rowVersion)
    }

    var members: [(key: String, value: String)] {
        let usual: [(key: String, value: String)] = [
            ("BusinessUnitId", "\"0c5d8e21-3fb1-ef11-b8e8-000d3a2b4c6d\""),
            ("CorrelationId", "\"b0c10001-8a17-f011-9989-7c1e5237aa01\""), ("Depth", "1"),
            ("InitiatingUserId", "\"d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d\""),
            ("InputParameters", parameters ?? Self.pairs([("Target", target)])), ("IsInTransaction", "false"),
            ("MessageName", "\"\(message)\""), ("Mode", "1"),
            ("OperationCreatedOn", #""\/Date(1772442005000+0000)\/""#),
            ("OperationId", "\"b0c10002-8a17-f011-9989-7c1e5237aa01\""),
            ("OrganizationId", "\"5b1f7c0e-9a44-4d6f-8c53-2f1be07d6a10\""), ("OrganizationName", "\"orgb7d2c94e\""),
            ("OutputParameters", "[]"),
            ("OwningExtension", Self.reference("sdkmessageprocessingstep", "d0e00001-5bb1-ef11-b8e8-000d3a2b4c6d")),
            ("ParentContext", #"{"MessageName":"Lies","PrimaryEntityName":"none","InputParameters":7}"#),
            ("PostEntityImages", post), ("PreEntityImages", pre), ("PrimaryEntityId", "\"\(id)\""),
            ("PrimaryEntityName", "\"\(entity)\""), ("RequestId", "null"), ("SecondaryEntityName", "\"none\""),
            ("SharedVariables", "[]"), ("Stage", "40"), ("UserId", "\"d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d\""),
        ]
        return usual.compactMap { member in
            guard let replacement = envelope[member.key] else { return member }
            return replacement.map { (member.key, $0) }
        } + extraMembers
    }

    var body: [UInt8] { Array(("{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}").utf8) }

    func decoded(_ selection: Selection = .everything) throws(NotificationError) -> OnewayCore.DynamicsNotification {
        try OnewayCore.DynamicsNotification.decode(body, selection: selection)
    }

    /// The first record's facts, received one minute after `second`.
    func facts() throws -> MirrorRecord? {
        try decoded().facts(receivedAt: Timestamp(second: Self.second + 60)).first
    }

    /// The decoded value of a body's only attribute.
    static func value(_ json: String, column: String = "new_column") throws -> Value? {
        try Wire(attributes: [(column, json)]).facts()?[column]
    }
}

extension GUID {
    static let opportunity = GUID(Wire.opportunity) ?? .zero
    static let accountA = GUID(Wire.accountA) ?? .zero
    static let contactC = GUID(Wire.contactC) ?? .zero
}

extension Value {
    static let accountA = Value.reference(entity: "account", id: .accountA)
    static let contactC = Value.reference(entity: "contact", id: .contactC)
}
