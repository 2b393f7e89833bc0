import Testing

@testable import OnewayCore

@Suite struct NotificationTests {
    static let stateChange = Wire.pairs([
        ("EntityMoniker", Wire.reference("connection", Wire.opportunity)), ("State", Wire.option(1)),
        ("Status", Wire.option(2)),
    ])

    // MARK: Which messages matter

    @Test(
        arguments: Entity.reported,
        [
            "Create", "Update", "Delete", "Assign", "SetState", "SetStateDynamicEntity", "Win", "Lose", "Merge",
            "CreateMultiple",
            "UpdateMultiple", "DeleteMultiple", "Associate", "QualifyLead", "create", "Retrieve", "URL_VALIDATION",
        ]
    )
    func aMessageMattersOrIsIgnoredWithAReason(_ entity: Entity, _ message: String) {
        let everywhere = ["Create", "Update", "Delete", "CreateMultiple", "UpdateMultiple", "DeleteMultiple"]
        let matters: [Entity: [String]] = [
            .opportunity: ["Assign", "SetState", "SetStateDynamicEntity", "Win", "Lose"],
            .connection: ["SetState", "SetStateDynamicEntity"], .contact: ["Merge"], .account: ["Merge"],
        ]
        // Unreadable parameters: a message that matters is refused, any other is ignored.
        let wire = Wire(message: message, entity: entity.rawValue, parameters: Wire.pairs([("Nothing", "null")]))
        if everywhere.contains(message) || matters[entity]?.contains(message) == true {
            let error = #expect(throws: NotificationError.self) { try wire.decoded() }
            #expect(error?.pointer == "/InputParameters")
        } else {
            #expect((try? wire.decoded())?.ignored != nil)
        }
    }

    @Test(arguments: ["lead", "none", "Opportunity", "systemuser"]) func otherTablesAreIgnored(_ entity: String) throws
    {
        let notification = try Wire(entity: entity).decoded()
        #expect(notification.ignored != nil && notification.changes.isEmpty)
    }

    /// R12: for every message that can close an opportunity.
    @Test func r12EveryWayToCloseLeadsToTheSame() throws {
        func sent(_ wire: Wire) throws -> [String?] {
            let record = try #require(try wire.facts())
            return ["isClosed", "isWon"].map(Wanted(Slice(record)).field)
        }
        for (state, message, isWon) in [(1, "Win", "true"), (2, "Lose", "false")] {
            let change = Wire.pairs([
                ("EntityMoniker", Wire.reference("opportunity", Wire.opportunity)), ("State", Wire.option(state)),
                ("Status", Wire.option(-1)),
            ])
            let ways = [
                Wire(message: message, parameters: Self.close([])),
                Wire(message: "SetState", parameters: change),
                Wire(message: "SetStateDynamicEntity", parameters: change),
                Wire(attributes: [("statecode", Wire.option(state))]),
            ]
            for way in ways { #expect(try sent(way) == ["true", isWon], "\(way.message)") }
        }
    }

    @Test func aConnectionsStateComesWithSetState() throws {
        let wire = Wire(message: "SetState", entity: "connection", parameters: Self.stateChange)
        let record = try #require(try wire.facts())
        #expect(record["statecode"] == .choice(1) && record["statuscode"] == .choice(2))
    }

    @Test(arguments: ["true", "false"]) func targetsComeAsCollectionOrAsBareList(_ isBare: String) throws {
        let other = "5e6f0002-71b4-ef11-a72f-6045bd905a01"
        let list =
            "[\(Wire.entity("opportunity", Wire.opportunity, [("name", "\"A\"")])),"
            + "\(Wire.entity("opportunity", other, [("name", "\"B\"")]))]"
        let targets = isBare == "true" ? list : #"{"__type":"EntityCollection:x","Entities":\#(list)}"#
        let wire = Wire(
            message: "CreateMultiple",
            parameters: Wire.pairs([("Targets", targets)]),
            envelope: ["PrimaryEntityId": "\"\(Wire.zero)\""]
        )
        let facts = try wire.decoded().facts(receivedAt: Timestamp(second: 0))
        #expect(facts.map { $0["name"] } == [.text("A"), .text("B")])
        #expect(facts.allSatisfy { $0["parentaccountid"] == .null })
    }

    @Test func manyDeletionsAreReferences() throws {
        let list = "[\(Wire.reference("opportunity", Wire.opportunity))]"
        let wire = Wire(message: "DeleteMultiple", parameters: Wire.pairs([("Targets", list)]))
        #expect(try wire.facts()?.isDeleted == true)
    }

    @Test func anEmptyListOfTargetsIsIgnored() throws {
        let wire = Wire(message: "UpdateMultiple", parameters: Wire.pairs([("Targets", "[]")]))
        #expect(try wire.decoded().ignored != nil)
    }

    /// The closing activity of a Win or Lose, with these attributes and no status.
    static func close(_ attributes: [(key: String, value: String)]) -> String {
        Wire.pairs([("OpportunityClose", Wire.entity("opportunityclose", Wire.contactC, attributes))])
    }

    @Test func aWinNeedsNoMoreThanItsOpportunity() throws {
        let named = Wire(
            message: "Win",
            parameters: Self.close([("opportunityid", Wire.reference("opportunity", Wire.opportunity))]),
            envelope: ["PrimaryEntityId": "\"\(Wire.contactC)\""]
        )
        #expect(try named.facts()?.key.id == .opportunity)
        #expect(try named.facts()?["statecode"] == .choice(1))
        #expect(try Wire(message: "Lose", parameters: Self.close([])).facts()?["statecode"] == .choice(2))
        let nowhere = Wire(message: "Win", parameters: Self.close([]), envelope: ["PrimaryEntityId": nil])
        #expect(throws: NotificationError.self) { try nowhere.decoded() }
    }

    @Test func theRevenueOfAWinYieldsToTheOpportunitysOwnInTheSameSecond() throws {
        let created: [String: String?] = ["OperationCreatedOn": Wire.date(Wire.second)]
        let parameters = Self.close([("actualrevenue", Wire.money("10")), ("actualend", Wire.date(50_000))])
        var won = try #require(try Wire(message: "Win", parameters: parameters, envelope: created).facts())
        #expect(won["actualvalue"] == .money("10") && won["actualclosedate"] == .time(Timestamp(second: 50_000)))
        let own = [("actualvalue", Wire.money("12")), ("actualclosedate", Wire.date(0))]
        won.merge(try #require(try Wire(attributes: own, modifiedOn: Wire.second).facts()))
        #expect(won["actualvalue"] == .money("12") && won["actualclosedate"] == .time(Timestamp(second: 0)))
        #expect(won.attributes["actualvalue"]?.isUnsure == false)
    }

    @Test func aParameterIsThereOnce() {
        let target = (key: "Target", value: Wire(attributes: []).target)
        #expect(throws: NotificationError.self) { try Wire(parameters: Wire.pairs([target, target])).decoded() }
    }

    // MARK: Unusable bodies

    @Test(
        arguments: [
            (["MessageName": nil], "/MessageName"), (["MessageName": "7"], "/MessageName"),
            (["MessageName": "\"\""], "/MessageName"),
            (["PrimaryEntityName": nil], "/PrimaryEntityName"), (["PrimaryEntityName": "null"], "/PrimaryEntityName"),
            (["InputParameters": nil], "/InputParameters"), (["InputParameters": "null"], "/InputParameters"),
            (["InputParameters": "{}"], "/InputParameters"), (["InputParameters": "[{}]"], "/InputParameters/0"),
            (["OperationId": "\"zz\""], "/OperationId"), (["OperationId": "5"], "/OperationId"),
            (["PrimaryEntityId": "\"5e6f0001\""], "/PrimaryEntityId"), (["UserId": "true"], "/UserId"),
            (["Mode": "\"0\""], "/Mode"), (["Stage": "40.5"], "/Stage"),
            (["OperationCreatedOn": "\"yesterday\""], "/OperationCreatedOn"),
            (["OwningExtension": #"{"Id":"zz"}"#], "/OwningExtension/Id"),
        ] as [([String: String?], String)]
    )
    func unusableEnvelopesSayWhere(_ members: [String: String?], _ pointer: String) {
        let error = #expect(throws: NotificationError.self) { try Wire(envelope: members).decoded() }
        #expect(error?.kind == .unusable && error?.pointer == pointer)
    }

    @Test(arguments: [
        ("[1]", "/InputParameters/0/value/Attributes/0"), (#"[{"key":"a"}]"#, "/InputParameters/0/value/Attributes/0"),
        (#"[{"key":5,"value":1}]"#, "/InputParameters/0/value/Attributes/0"),
        ("{}", "/InputParameters/0/value/Attributes"),
        ("null", "/InputParameters/0/value/Attributes"),
        (#"[{"key":"modifiedon","value":"today"}]"#, "/InputParameters/0/value/Attributes/0/value"),
    ])
    func unusableAttributesSayWhere(_ attributes: String, _ pointer: String) {
        let target = #"{"Attributes":\#(attributes),"Id":"\#(Wire.opportunity)","LogicalName":"opportunity"}"#
        let error = #expect(throws: NotificationError.self) {
            try Wire(parameters: Wire.pairs([("Target", target)])).decoded()
        }
        #expect(error?.kind == .unusable && error?.pointer == pointer)
    }

    @Test(arguments: [
        Wire.entity("account", Wire.opportunity, []), Wire.entity("opportunity", Wire.contactC, []), "5", "null",
        Wire.entity("opportunity", "zz", []), Wire.reference("opportunity", Wire.opportunity),
        "{\"Attributes\":[],\"Attributes\":[]}",
    ])
    func aTargetThatContradictsTheEnvelopeIsUnusable(_ target: String) {
        #expect(throws: NotificationError.self) { try Wire(parameters: Wire.pairs([("Target", target)])).decoded() }
    }

    @Test func membersOfTheEnvelopeAreThereOnce() {
        for (name, value) in [("Mode", "1"), ("UserId", "null"), ("Unk\\u006eown", "1"), ("M\\u006fde", "0")] {
            var wire = Wire(extraMembers: [(name, value)])
            if name.hasPrefix("Unk") { wire.extraMembers.append(("Unknown", "2")) }
            let error = #expect(throws: NotificationError.self) { try wire.decoded() }
            #expect(error?.kind == .unusable && error?.says.contains("twice") == true, "\(name)")
        }
    }

    @Test(arguments: ["[]", "\"text\"", "", "{", "{}x", "{\"MessageName\":\"\u{1}\"}", "{\"a\":1,}"])
    func aBodyThatIsNotAnObjectIsMalformed(_ text: String) {
        let error = #expect(throws: NotificationError.self) {
            try OnewayCore.DynamicsNotification.decode(Array(text.utf8), selection: .everything)
        }
        #expect(error?.kind == .malformed && error?.offset != nil && error?.envelope == nil)
    }

    @Test func errorsHoldNothingOfTheBody() {
        let wire = Wire(attributes: [("customerid", "\"Geheimnis\""), ("Geheimnis", "1")])
        let error = #expect(throws: NotificationError.self) { try wire.decoded() }
        #expect(error?.description.contains("Geheimnis") == false)
    }

    // MARK: The envelope

    @Test func theEnvelopeIsReadWhateverTheRestIs() throws {
        let wire = Wire(message: "Create", parameters: "5", envelope: ["Mode": "0", "OperationId": "\"zz\""])
        let envelope = try Envelope.peek(wire.body)
        #expect(envelope.messageName == "Create" && envelope.isSynchronous)
        #expect(envelope.userId == GUID("d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d"))
        #expect(envelope.problem?.pointer == "/OperationId")
    }

    @Test func withoutModeAndStageItIsAsynchronousAfterTheOperation() throws {
        let envelope = try Envelope.peek(Wire(envelope: ["Mode": nil, "Stage": nil]).body)
        #expect(envelope.mode == 1 && envelope.stage == 40 && !envelope.isBeforeOperation)
    }

    @Test(arguments: [(10, 0, true), (20, 0, true), (40, 0, false), (20, 1, false), (30, 0, false)])
    func onlySynchronousStepsComeBeforeTheOperation(_ stage: Int, _ mode: Int, _ isBefore: Bool) throws {
        let wire = Wire(attributes: [("name", "\"N\"")], envelope: ["Stage": "\(stage)", "Mode": "\(mode)"])
        let notification = try wire.decoded()
        #expect(notification.envelope.isBeforeOperation == isBefore)
        #expect(notification.changes.isEmpty == isBefore)
    }

    @Test func theZeroGUIDIsNone() throws {
        let zero = "\"\(Wire.zero)\""
        let envelope = try Envelope.peek(
            Wire(envelope: ["OperationId": zero, "PrimaryEntityId": zero, "UserId": "null"]).body
        )
        #expect(envelope.operationId == nil && envelope.primaryEntityId == nil && envelope.userId == nil)
        #expect(envelope.problem == nil)
    }

    @Test func theParentContextIsNotTrusted() throws {
        #expect(try Wire().decoded().envelope.messageName == "Update")
    }

    // MARK: Where the record's id comes from

    @Test(arguments: [
        (Wire.opportunity, Wire.zero, "[]"), (Wire.zero, Wire.opportunity, "[]"),
        (Wire.zero, Wire.zero, Wire.pairs([("id", "\"\(Wire.opportunity)\"")])),
    ])
    func theRecordIsFoundWhereItIsNamed(_ target: String, _ primary: String, _ output: String) throws {
        let entity = Wire.entity("opportunity", target, [("name", "\"N\"")])
        let members = ["PrimaryEntityId": "\"\(primary)\"", "OutputParameters": output]
        let wire = Wire(message: "Create", parameters: Wire.pairs([("Target", entity)]), envelope: members)
        #expect(try wire.facts()?.key == RecordKey(.opportunity, .opportunity))
    }

    @Test func aRecordThatIsNamedNowhereIsUnusable() {
        let entity = Wire.entity("opportunity", Wire.zero, [])
        let wire = Wire(parameters: Wire.pairs([("Target", entity)]), envelope: ["PrimaryEntityId": nil])
        #expect(throws: NotificationError.self) { try wire.decoded() }
    }

    // MARK: Truncated bodies

    @Test(arguments: ["Create", "Update", "Win", "SetState"]) func aCutBodyNamesItsRecord(_ message: String) throws {
        let notification = try Wire(message: message, parameters: "[]").decoded()
        #expect(notification.isCut && notification.record == RecordKey(.opportunity, .opportunity))
        #expect(notification.facts(receivedAt: Timestamp(second: 0)).map(\.attributes.isEmpty) == [true])
        #expect(notification.reasons.contains { $0.says.contains("cut") })
    }

    @Test func aCutDeletionNeedsNothingMore() throws {
        let notification = try Wire(message: "Delete", parameters: "[]").decoded()
        #expect(!notification.isCut)
        #expect(notification.facts(receivedAt: Timestamp(second: 0)).first?.isDeleted == true)
    }

    @Test func aCutBodyWithoutARecordIsUnusable() {
        let wire = Wire(parameters: "[]", envelope: ["PrimaryEntityId": "\"\(Wire.zero)\""])
        #expect(throws: NotificationError.self) { try wire.decoded() }
    }
}
