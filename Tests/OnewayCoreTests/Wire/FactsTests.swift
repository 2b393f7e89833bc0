import Testing

@testable import OnewayCore

@Suite struct FactsTests {
    static let id = Wire.opportunity
    static let contact = (key: "customerid", value: Wire.reference("contact", Wire.contactC))
    static let account = (key: "customerid", value: Wire.reference("account", Wire.accountA))
    static let formContact = (key: "parentcontactid", value: Wire.reference("contact", Wire.contactC))
    static let formAccount = (key: "parentaccountid", value: Wire.reference("account", Wire.accountA))
    static let noFormAccount = (key: "parentaccountid", value: "null")

    /// The customer: the columns received, and the form's lookups that follow. Nil: not received.
    @Test(
        arguments: [
            ("Update", [contact], .contactC, .null), ("Update", [account], nil, .accountA),
            ("Update", [contact, formAccount], .contactC, .null), ("Update", [account, noFormAccount], nil, .accountA),
            ("Update", [account, formContact], .contactC, .accountA), ("Update", [formContact], .contactC, nil),
            ("Update", [("customerid", "null")], .null, .null), ("Update", [], nil, nil),
            ("Update", [("customerid", "null"), formContact, formAccount], .null, .null),
            ("Create", [contact, formAccount], .contactC, .null),
            ("Update", [("customerid", Wire.reference("lead", accountId))], nil, nil),
            ("Create", [contact], .contactC, .null), ("Create", [account], .null, .accountA),
            ("Create", [formContact], .contactC, .null), ("Create", [], .null, .null),
            ("Create", [account, formContact, formAccount], .contactC, .accountA),
        ] as [(String, [(key: String, value: String)], Value?, Value?)]
    )
    func theCustomerDeterminesTheFormsLookups(
        _ message: String,
        _ told: [(key: String, value: String)],
        _ contact: Value?,
        _ account: Value?
    ) throws {
        let record = try #require(try Wire(message: message, attributes: told).facts())
        #expect(record["parentcontactid"] == contact)
        #expect(record["parentaccountid"] == account)
        #expect(record.attributes.values.allSatisfy { !$0.isUnsure })
    }

    static let accountId = Wire.accountA

    /// `customerid` wins within a notification, wherever in it the lookup is.
    @Test func r7AnImageMaySayOtherwiseButNotAgainstTheCustomer() throws {
        let image = Wire.pairs([("after", Wire.entity("opportunity", Self.id, [Self.formAccount]))])
        let record = try #require(try Wire(attributes: [Self.contact], post: image).facts())
        #expect(record["parentaccountid"] == .null && record["parentcontactid"] == .contactC)
        let created = try #require(try Wire(message: "Create", attributes: [], post: image).facts())
        #expect(created["parentaccountid"] == .accountA)
    }

    /// Whichever of the two the image contains, even if it is newer because it has a row version.
    @Test(arguments: [nil, "5"]) func anImageAndItsTargetMayContradictEachOther(_ version: String?) throws {
        func facts(_ target: (key: String, value: String), _ image: (key: String, value: String)) throws
            -> MirrorRecord
        {
            let post = [("after", Wire.entity("opportunity", Self.id, [image], rowVersion: version))]
            return try #require(try Wire(attributes: [target], post: Wire.pairs(post)).facts())
        }
        for record in [try facts(Self.contact, Self.formAccount), try facts(Self.formAccount, Self.contact)] {
            #expect(record["parentaccountid"] == .null && record["parentcontactid"] == .contactC)
        }
        // The winning customer determines the form.
        let record = try facts(Self.contact, Self.account)
        #expect(record["customerid"] == (version == nil ? .contactC : .accountA))
        #expect(record["parentaccountid"] == (version == nil ? .null : .accountA))
        #expect(record["parentcontactid"] == (version == nil ? .contactC : nil))
    }

    /// In the pre-image the contact was the customer: that fills in what the Target leaves out.
    @Test func r7APreImagesCustomerGivesTheEarlierForm() throws {
        let image = Wire.pairs([("before", Wire.entity("opportunity", Self.id, [Self.contact]))])
        let record = try #require(try Wire(attributes: [Self.account], pre: image).facts())
        #expect(record["parentaccountid"] == .accountA && record["customerid"] == .accountA)
        #expect(record["parentcontactid"] == .contactC)
        #expect(record.attributes["parentcontactid"]?.stamp.fills == true)
    }

    @Test func r7APreImageDoesNotSpeakAgainstTheTarget() throws {
        let image = Wire.pairs([("before", Wire.entity("opportunity", Self.id, [Self.formAccount, Self.account]))])
        let record = try #require(try Wire(attributes: [Self.contact], pre: image).facts())
        #expect(record["parentaccountid"] == .null && record["customerid"] == .contactC)
    }

    @Test func r7AnImageOfAnotherRecordSaysNothing() throws {
        let image = Wire.pairs([
            ("a", Wire.entity("opportunity", Wire.zero, [("name", "\"zero\"")])),
            ("b", Wire.entity("opportunity", Wire.contactC, [("name", "\"other\"")])),
            ("c", Wire.entity("account", Self.id, [("name", "\"account\"")])), ("d", "null"),
        ])
        #expect(try Wire(pre: image, post: image).facts()?["name"] == nil)
    }

    /// R7's order of comparison, step by step.
    @Test func r7TheTimeComesFromTheHighestRungThereIs() throws {
        func image(_ second: Int64) -> String {
            Wire.pairs([("i", Wire.entity("opportunity", Self.id, [("modifiedon", Wire.date(second))]))])
        }
        let name = [(key: "name", value: "\"N\"")]
        func told(_ wire: Wire) throws -> StampedValue { try #require(try wire.facts()?.attributes["name"]) }
        let target = try told(Wire(attributes: name, pre: image(1), post: image(2)))
        #expect(target.stamp.second == Wire.second && target.clock == .modifiedOn)
        let post = try told(Wire(attributes: name, modifiedOn: nil, pre: image(1), post: image(2)))
        #expect(post.stamp.second == 2 && post.clock == .postImage)
        let operation = try told(Wire(attributes: name, modifiedOn: nil, pre: image(1)))
        #expect(operation.stamp.second == Wire.second + 5 && operation.clock == .operation)
        let none: [String: String?] = ["OperationCreatedOn": nil]
        let arrival = try told(Wire(attributes: name, modifiedOn: nil, pre: image(1), envelope: none))
        #expect(arrival.stamp.second == Wire.second + 60 && arrival.clock == .arrival)
    }

    @Test func r7EveryFallbackOfTheTimeIsExplained() throws {
        let none: [String: String?] = ["OperationCreatedOn": nil]
        #expect(try Wire().decoded().reasons.isEmpty)
        #expect(try Wire(modifiedOn: nil).decoded().reasons.map(\.rule) == ["R7"])
        #expect(try Wire(modifiedOn: nil, envelope: none).decoded().reasons.map(\.rule) == ["R7"])
    }

    @Test func stampsHoldAllThatOrdersThem() throws {
        let wire = Wire(attributes: [("name", "\"N\"")], rowVersion: "77", envelope: ["Depth": "3"])
        let stamp = try #require(try wire.facts()?.attributes["name"]?.stamp)
        #expect(stamp.rowVersion == 77 && stamp.depth == 3 && stamp.source == .target)
        #expect(stamp.operationCreatedOn == Timestamp(milliseconds: 1_772_442_005_000))
    }

    @Test func r7NothingIsOrderedByAMomentWithAnOffset() throws {
        let members: [String: String?] = ["OperationCreatedOn": #""\/Date(1772434805000+0200)\/""#]
        let told = try #require(
            try Wire(attributes: [("name", "\"N\"")], modifiedOn: nil, envelope: members).facts()?.attributes["name"]
        )
        #expect(told.stamp.operationCreatedOn == nil)
        #expect(told.stamp.second == Wire.second + 5)
    }

    @Test func aVersionNumberColumnIsARowVersionToo() throws {
        let image = Wire.pairs([
            ("after", Wire.entity("opportunity", Self.id, [("name", "\"N\""), ("versionnumber", "88")]))
        ])
        #expect(try Wire(post: image).facts()?.attributes["name"]?.stamp.rowVersion == 88)
    }

    @Test func r7TheAutomaticImageOnlyFills() throws {
        let image = Wire.pairs([
            ("AsynchronousStepPrimaryName", Wire.entity("opportunity", Self.id, [("name", "\"old\"")]))
        ])
        let told = try #require(try Wire(post: image).facts()?.attributes["name"])
        #expect(told.stamp.source == .primaryName && told.stamp.fills)
    }

    @Test func r7TwoUpdatesOfOneSecondThatContradictEachOtherAreUnsure() throws {
        func facts(_ amount: String, _ version: String?) throws -> MirrorRecord {
            try #require(try Wire(attributes: [("estimatedvalue", Wire.money(amount))], rowVersion: version).facts())
        }
        var record = try facts("1", nil)
        record.merge(try facts("2", nil))
        #expect(record.attributes["estimatedvalue"]?.isUnsure == true)
        var versioned = try facts("1", "5")
        versioned.merge(try facts("2", "6"))
        #expect(versioned.attributes["estimatedvalue"]?.isUnsure == false)
        #expect(versioned["estimatedvalue"] == .money("2"))
    }

    @Test func oneBodyThatContradictsItselfIsUnsure() throws {
        let wire = Wire(attributes: [("estimatedvalue", Wire.money("1")), ("estimatedvalue", Wire.money("2"))])
        #expect(try wire.facts()?.attributes["estimatedvalue"]?.isUnsure == true)
    }
}
