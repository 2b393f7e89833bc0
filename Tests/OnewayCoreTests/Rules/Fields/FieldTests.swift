import Testing

@testable import OnewayCore

/// R3, R12, R13: the values of an opportunity's fields.
@Suite struct FieldTests {
    static func field(_ value: Value, _ conversion: SelectedField.Conversion? = nil, column: String = "new_x")
        -> String?
    {
        var settings = RuleSettings()
        settings.fields = [SelectedField(column, "x", as: conversion)]
        return Wanted(.of([column: value]), settings).field("x")
    }

    static let labels = [1: "North", 2: "South"]

    static let conversions: [(Value, SelectedField.Conversion?, String?)] = [
        (.text("Ł & co"), nil, "\"Ł & co\""),
        (.text(""), nil, "null"),
        (.null, nil, "null"),
        (.null, .date, "null"),
        (.bool(true), nil, "true"),
        (.number("92233720368547758.07"), nil, "92233720368547758.07"),
        (.money("1604.4700"), nil, "1604.4700"),
        (.money("12"), .text, "\"12\""),
        (.choice(3), nil, "3"),
        (.choices([1, 3]), nil, "\"1;3\""),
        (.choices([]), nil, "null"),
        (.reference(entity: "systemuser", id: Who.third), nil, "\"\(Who.third)\""),
        (.time(Timestamp(milliseconds: 1_500)), nil, "\"1970-01-01T00:00:01Z\""),
        (.choice(1), .choice(labels: labels), "\"North\""),
        (.choice(7), .choice(labels: labels), "7"),
        (.bool(false), .choice(labels: [0: "Cold"]), "\"Cold\""),
        (.choices([1, 2, 7]), .choices(labels: labels, separator: ", "), "\"North, South, 7\""),
        (.choice(1), .yesNo, "true"),
        (.choice(0), .yesNo, "false"),
        (.bool(true), .yesNo, "true"),
        (.number("80"), .whole, "80"),
        (.number("79.5"), .whole, "80"),
        (.choice(2), .whole, "2"),
        (.money("1.10"), .decimal, "1.10"),
        (.reference(entity: "systemuser", id: Who.third), .lookup(by: .id), "\"\(Who.third)\""),
        (.text("soon"), .date, nil),
        (.text("12"), .money, nil),
        (.choice(5), .yesNo, nil),
        (.bool(true), .choices(labels: [:], separator: ";"), nil),
        (.number("1e99"), .whole, nil),
    ]

    @Test(arguments: conversions) func r3Conversions(_ value: Value, _ as: SelectedField.Conversion?, _ sent: String?) {
        #expect(Self.field(value, `as`) == sent)
    }

    /// Times around midnight UTC, and the day that they mean.
    static let days: [(Int64, String)] = [
        (0, "2025-03-31"), (1, "2025-03-31"), (-2, "2025-03-31"), (10, "2025-03-31"), (11, "2025-03-31"),
        (12, "2025-04-01"), (-12, "2025-03-31"), (-13, "2025-03-30"),
    ]

    @Test(arguments: days) func r3ADayIsTheNearestMidnight(_ hours: Int64, _ day: String) {
        let time = Value.time(Timestamp(second: 1_743_379_200 + hours * 3600))
        #expect(Self.field(time, .date) == "\"\(day)\"")
        #expect(Self.field(time, column: "estimatedclosedate") == "\"\(day)\"", "a day by nature")
    }

    @Test func r3ADayBefore1970IsOneToo() {
        #expect(Self.field(.time(Timestamp(second: -86_400 + 3600)), .date) == "\"1969-12-31\"")
    }

    @Test func r3WhatDoesNotConvertIsLeftOutAndSaidSo() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("new_x", "x", as: .date)]
        let wanted = Wanted(.of(["new_x": .text("soon")]), settings)
        #expect(wanted.reasons(wanted.opportunity).contains("R3: new_x cannot be converted for x: left out"))
        #expect(wanted.opportunity?.unknown.contains("x") == false, "it is known, only not usable")
    }

    @Test func r3TheDefaultMapping() {
        let told: [String: Value] = [
            "name": .text("Pumps"), "description": .text("Six of them"), "stepname": .text("2-Develop"),
            "closeprobability": .number("40"), "createdon": .time(Timestamp(second: 1_735_686_000)),
            "estimatedclosedate": .time(Timestamp(second: 1_743_379_200)), "estimatedvalue": .money("99000.0000"),
            "statecode": .choice(0), "new_secret": .text("never sent"),
        ]
        let wanted = Wanted(.of(told.merging(CustomerRulesTests.byAccount) { $1 }))
        #expect(
            wanted.text(wanted.opportunity)
                == #"{"externalOpportunityId":"\#(Who.opportunity)","externalCompanyId":"\#(Who.account)","#
                + #""amount":99000.0000,"closeDate":"2025-03-31","isClosed":false,"isWon":false,"#
                + #""description":"Six of them","externalCreatedDate":"2024-12-31T23:00:00Z","name":"Pumps","#
                + #""probability":40,"stage":"2-Develop"}"#
        )
        #expect(wanted.opportunity?.unknown == [])
    }

    @Test func r3UnknownIsLeftOutAndCountedEmptyIsCleared() {
        let wanted = Wanted(.of(["description": .null]))
        #expect(wanted.field("description") == "null")
        #expect(wanted.field("stage") == nil)
        #expect(
            wanted.opportunity?.unknown
                == ["amount", "closeDate", "isClosed", "isWon", "externalCreatedDate", "probability", "stage"]
        )
    }

    @Test func r3TheMappingReplacesTheDefaultButNotTheRules() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("estimatedclosedate", "closeDate"), SelectedField("x", "amount")]
        let told: [String: Value] = [
            "estimatedclosedate": .time(Timestamp(second: 0)), "actualclosedate": .time(Timestamp(second: 864_000)),
            "statecode": .choice(1), "estimatedvalue": .money("7"), "x": .money("1"), "stepname": .text("4-Close"),
        ]
        let wanted = Wanted(.of(told), settings)
        #expect(wanted.field("closeDate") == "\"1970-01-01\"", "only that column")
        #expect(wanted.field("amount") == "7", "the rules decide this field, regardless of the mapping")
        #expect(wanted.field("isWon") == "true")
        #expect(wanted.field("stage") == nil)
        #expect(wanted.field("name") == "\"Pumps\"", "Marketo requires it")
    }

    @Test func r3TheOrderOfTheMappingDoesNotShow() {
        var (one, other) = (RuleSettings(), RuleSettings())
        one.fields = [SelectedField("a", "x"), SelectedField("b", "y")]
        other.fields = one.fields?.reversed()
        let slice = Slice.of(["a": .choice(1), "b": .choice(2)])
        #expect(Wanted(slice, one).opportunity?.desired.record == Wanted(slice, other).opportunity?.desired.record)
    }

    @Test func r3LongTextIsCutBetweenCharactersAndSaidSo() {
        let family = "👨‍👩‍👧"
        let long = String(repeating: "a", count: 250) + family
        let wanted = Wanted(.of(["name": .text(long), "description": .text(String(repeating: "é", count: 2001))]))
        #expect(wanted.field("name") == "\"" + String(repeating: "a", count: 250) + "\"")
        #expect(wanted.field("description")?.count == 2002)
        #expect(wanted.reasons(wanted.opportunity).contains("R3: name is cut to Marketo's limit of 255 characters"))
        #expect(
            wanted.reasons(wanted.opportunity).contains("R3: description is cut to Marketo's limit of 2000 characters")
        )
        #expect(Wanted(.of(["name": .text(String(repeating: "a", count: 255))])).field("name")?.count == 257)
    }

    @Test func r3MarketosOwnLengthsCount() {
        var settings = RuleSettings()
        settings.textLengthsMax["stage"] = 3
        #expect(Wanted(.of(["stepname": .text("2-Develop")]), settings).field("stage") == "\"2-D\"")
    }

    @Test func r3ALookupByName() {
        func sent(_ value: Value, _ others: [String: Value] = [:], _ record: MirrorRecord? = nil) -> String? {
            var settings = RuleSettings()
            settings.fields = [SelectedField("new_who", "who", as: .lookup(by: .name))]
            var slice = Slice.of(others.merging(["new_who": value]) { $1 })
            if let record { slice.add(record) }
            return Wanted(slice, settings).field("who")
        }
        let user = Value.reference(entity: "systemuser", id: Who.third)
        #expect(sent(user) == nil)
        let told = LookupName(id: Who.third, name: "Ada Lovelace").value
        #expect(sent(user, ["new_who.name": told]) == "\"Ada Lovelace\"")
        #expect(sent(.null, ["new_who.name": told]) == "null")
        #expect(sent(user, ["new_who.name": .text("Ada")]) == nil, "the name's record is not known")
        #expect(
            sent(.account(Who.account), [:], record(.account, Who.account, ["name": .text("Contoso")])) == "\"Contoso\""
        )
        #expect(
            sent(.contact(Who.contact), [:], record(.contact, Who.contact, ["fullname": .text("Ada")])) == "\"Ada\""
        )
        #expect(sent(.account(Who.account)) == nil)
    }

    @Test func r3ANameBelongsToItsRecord() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("ownerid", "owner", as: .lookup(by: .name))]
        let owner = { (id: GUID) in Value.reference(entity: "systemuser", id: id) }
        var slice = Slice.of([
            "ownerid": owner(Who.third), "ownerid.name": LookupName(id: Who.third, name: "Ada").value,
        ])
        slice.opportunity.learn(at: 5, ["ownerid": owner(Who.other)])
        #expect(Wanted(slice, settings).field("owner") == nil, "another owner, whose name is not known")
        slice.opportunity.learn(at: 6, ["ownerid": owner(Who.third)])
        #expect(Wanted(slice, settings).field("owner") == "\"Ada\"", "the first again")
    }

    @Test func r7AnUnsureFieldIsSaidSo() {
        var slice = Slice.of(["stepname": .text("one")])
        slice.opportunity.learn(at: 0, ["stepname": .text("two")])
        let wanted = Wanted(slice)
        #expect(wanted.reasons(wanted.opportunity).contains("R7: stepname was reported with two values in one second"))
    }

    @Test func r13ANameIsDemanded() {
        for told in [nil, Value.null, .text(""), .text(" \n")] {
            var slice = Slice(record(.opportunity, Who.opportunity, ["stepname": .text("1-Qualify")]))
            if let told { slice.opportunity.learn(at: 0, ["name": told]) }
            let wanted = Wanted(slice)
            #expect(wanted.opportunity?.desired.heldFor == .name)
            #expect(wanted.reasons(wanted.opportunity).contains("R13: Marketo requires a name"))
        }
        #expect(Wanted(.of()).opportunity?.desired.heldFor == nil)
    }

    @Test func r13TheCompanyComesFirstWithItsName() {
        let account = record(.account, Who.account, ["name": .text("Contoso \"Ltd\"")])
        let wanted = Wanted(.of(CustomerRulesTests.byAccount, account))
        #expect(wanted.projections.map(\.key.kind) == [.company, .opportunity])
        let company = wanted[.company, "\(Who.account)"]
        #expect(wanted.text(company) == #"{"externalCompanyId":"\#(Who.account)","company":"Contoso \"Ltd\""}"#)
        let nameless = Wanted(.of(CustomerRulesTests.byAccount))[.company, "\(Who.account)"]
        #expect(wanted.text(nameless) == #"{"externalCompanyId":"\#(Who.account)"}"#, "created without a name")
        #expect(nameless?.unknown == ["company"])
        let emptied = Wanted(.of(CustomerRulesTests.byAccount, record(.account, Who.account, ["name": .null])))
        #expect(wanted.text(emptied[.company, "\(Who.account)"])?.hasSuffix(#""company":null}"#) ?? false)
        let long = record(.account, Who.account, ["name": .text(String(repeating: "a", count: 300))])
        let cut = Wanted(.of(CustomerRulesTests.byAccount, long))[.company, "\(Who.account)"]
        #expect(wanted.text(cut)?.utf8.count == 328)
    }
}

/// R12, line by line.
@Suite struct StatusTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let told: [String: Value]
        let closedWon: [String?]
        let amount: String?
    }

    static let estimate = Value.money("100")
    static let rows: [Row] = [
        Row(
            testDescription: "open",
            told: ["statecode": .choice(0), "actualvalue": .money("9")],
            closedWon: ["false", "false"],
            amount: "100"
        ),
        Row(
            testDescription: "won",
            told: ["statecode": .choice(1), "actualvalue": .money("90.50")],
            closedWon: ["true", "true"],
            amount: "90.50"
        ),
        Row(
            testDescription: "won, actual value unknown",
            told: ["statecode": .choice(1)],
            closedWon: ["true", "true"],
            amount: "100"
        ),
        Row(
            testDescription: "won, actual value empty",
            told: ["statecode": .choice(1), "actualvalue": .null],
            closedWon: ["true", "true"],
            amount: "null"
        ),
        Row(
            testDescription: "lost",
            told: ["statecode": .choice(2), "actualvalue": .money("9")],
            closedWon: ["true", "false"],
            amount: "100"
        ),
        Row(testDescription: "unknown", told: [:], closedWon: [nil, nil], amount: "100"),
        Row(testDescription: "empty", told: ["statecode": .null], closedWon: [nil, nil], amount: "100"),
        Row(
            testDescription: "not one of Dynamics' three",
            told: ["statecode": .choice(9)],
            closedWon: [nil, nil],
            amount: "100"
        ),
    ]

    @Test(arguments: rows) func r12(_ row: Row) {
        let wanted = Wanted(.of(row.told.merging(["estimatedvalue": Self.estimate]) { $1 }))
        #expect([wanted.field("isClosed"), wanted.field("isWon")] == row.closedWon)
        #expect(wanted.field("amount") == row.amount)
        #expect(wanted.reasons(wanted.opportunity).contains("R12: the amount is "))
        #expect(wanted.reasons(wanted.opportunity).contains("R12: the status is "))
    }

    @Test func r12TheColumnsAreTheOperators() {
        var settings = RuleSettings()
        settings.amount = RuleSettings.Amount(open: "estimatedvalue_base", won: "actualvalue_base")
        let told: [String: Value] = [
            "estimatedvalue": .money("1"), "estimatedvalue_base": .money("2"), "actualvalue_base": .money("3"),
        ]
        #expect(Wanted(.of(told), settings).field("amount") == "2")
        let won = told.merging(["statecode": .choice(1)]) { $1 }
        #expect(Wanted(.of(won), settings).field("amount") == "3")
        #expect(
            RuleBook(settings).columns[.opportunity]?.isSuperset(of: ["estimatedvalue_base", "actualvalue_base"])
                == true
        )
    }

    static let closing: [(state: Int?, actual: Value?, day: String?)] = [
        (0, .time(Timestamp(second: 864_000)), "\"1970-01-02\""),
        (nil, .time(Timestamp(second: 864_000)), "\"1970-01-02\""),
        (1, .time(Timestamp(second: 864_000)), "\"1970-01-11\""),
        (2, .time(Timestamp(second: 864_000)), "\"1970-01-11\""),
        (1, nil, "\"1970-01-02\""),
        (1, .null, "null"),
    ]

    @Test(arguments: closing) func r12TheCloseDateOfTheDefaultMapping(_ state: Int?, _ actual: Value?, _ day: String?) {
        var told: [String: Value] = ["estimatedclosedate": .time(Timestamp(second: 86_400))]
        told["statecode"] = state.map { .choice($0) }
        told["actualclosedate"] = actual
        #expect(Wanted(.of(told)).field("closeDate") == day)
    }
}
