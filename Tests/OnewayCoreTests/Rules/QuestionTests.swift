import OnewayCore
import Testing

@Suite struct QuestionTests {
    private static let book = RuleBook(RuleSettings())
    private static let id = GUID(high: 1, low: 1)

    private static func record(
        _ entity: Entity,
        _ values: [String: Value],
        second: Int64 = 10
    ) -> MirrorRecord {
        var record = MirrorRecord(RecordKey(entity, id))
        for (name, value) in values {
            record.learn(name, StampedValue(value, Stamp(second: second, source: .target)))
        }
        return record
    }

    private static let whole: [String: Value] = [
        "name": .text("a"), "customerid": .null, "createdon": .time(Timestamp(second: 1)), "statecode": .choice(0),
    ]

    @Test func onlyWhatLacksSomethingIsAskedFor() {
        let table: [(MirrorRecord, QuestionReason?)] = [
            (Self.record(.opportunity, Self.whole), nil),
            (MirrorRecord(RecordKey(.opportunity, Self.id)), .unknown),
            (Self.record(.opportunity, Self.whole.filter { $0.key != "name" }), .incomplete),
            (Self.record(.opportunity, Self.whole.filter { $0.key != "customerid" }), .incomplete),
            (Self.record(.opportunity, Self.whole.merging(["statecode": .choice(1)]) { $1 }), .closed),
            (
                Self.record(
                    .opportunity,
                    Self.whole.merging([
                        "statecode": .choice(1), "actualvalue": .money("1"), "actualclosedate": .null,
                    ]) { $1 }
                ), nil
            ),
            (Self.record(.contact, ["parentcustomerid": .null]), nil),
            (Self.record(.contact, ["merged": .bool(false)]), .incomplete),
            (Self.record(.account, ["name": .null]), nil),
            (Self.record(.account, ["merged": .bool(false)]), .incomplete),
            (Self.record(.connection, ["statecode": .choice(0)]), .incomplete),
        ]
        for (number, row) in table.enumerated() { #expect(Self.book.question(of: row.0) == row.1, "row \(number)") }
    }

    @Test func cutUnsureDeletedAndRefused() {
        var record = Self.record(.opportunity, Self.whole)
        record.markCut(atSecond: 20)
        #expect(Self.book.question(of: record) == .cut)

        record = Self.record(.opportunity, Self.whole)
        record.learn("name", StampedValue(.text("b"), Stamp(second: 10, source: .target)))
        #expect(Self.book.question(of: record) == .unsure)

        record = Self.record(.opportunity, ["name": .text("a")])
        record.markDeleted(atSecond: 11)
        #expect(Self.book.question(of: record) == nil)
        record.markDeleted(atSecond: 9)
        #expect(Self.book.question(of: record) == nil, "the newest deletion counts")
        record.learn("name", StampedValue(.text("b"), Stamp(second: 12, source: .target)))
        #expect(Self.book.question(of: record) == .restored)

        record = MirrorRecord(RecordKey(.opportunity, Self.id))
        record.markRefused(Refusal(second: 1, user: Self.id))
        #expect(Self.book.question(of: record) == nil)
    }

    /// A read answers everything that can be asked, or it would be asked for ever.
    @Test(arguments: Entity.allCases) func aReadLeavesNoQuestion(entity: Entity) throws {
        var settings = RuleSettings()
        settings.sendsSalesPersons = true
        let book = RuleBook(settings)
        var columns: [String: Value] = [:]
        for name in book.columns[entity] ?? [] where !name.contains(".") { columns[name] = .null }
        if entity == .opportunity { columns["statecode"] = .choice(1) }
        let row = DynamicsRow(
            RecordKey(entity, Self.id),
            rowVersion: 9,
            modifiedOn: Timestamp(second: 100),
            columns: columns
        )
        let fact = try #require(MirrorRecord(row: row, readAt: Timestamp(second: 200)))
        for reason in QuestionReason.allCases {
            var record = MirrorRecord(RecordKey(entity, Self.id))
            switch reason {
            case .cut: record.markCut(atSecond: 90)
            case .restored: record.markDeleted(atSecond: 150)
            case .closed: record.learn("statecode", StampedValue(.choice(1), Stamp(second: 99, source: .target)))
            case .unsure:
                let column = columns.keys.sorted()[0]
                for name in ["a", "b"] {
                    record.learn(column, StampedValue(.text(name), Stamp(second: 99, source: .target)))
                }
            case .tentative: record.markTentative(atSecond: 200 - 901)
            case .unknown, .incomplete, .refresh: break
            }
            record.merge(fact)
            #expect(book.question(of: record) == nil, "\(reason)")
        }
    }

    /// A row has the time of its last change. What is told without it has that of the operation: the same or a second later.
    private static func row(readAt second: Int64, without column: String? = nil) throws -> MirrorRecord {
        var columns: [String: Value] = [:]
        for name in book.columns[.opportunity] ?? [] where name != column { columns[name] = .null }
        (columns["name"], columns["statecode"]) = (.text("row"), .choice(1))
        let row = DynamicsRow(
            RecordKey(.opportunity, id),
            rowVersion: 9,
            modifiedOn: Timestamp(second: 100),
            columns: columns
        )
        return try #require(MirrorRecord(row: row, readAt: Timestamp(second: second)))
    }

    /// A notification without `modifiedon`.
    private static func notice(_ reason: QuestionReason, second: Int64) -> MirrorRecord {
        var fact = MirrorRecord(RecordKey(.opportunity, id))
        let values: [(String, Value)]
        switch reason {
        case .unsure: values = [("name", .text("a")), ("name", .text("row"))]
        case .closed: values = [("statecode", .choice(1))]
        default:
            values = []
            fact.markCut(atSecond: second)
        }
        for (name, value) in values {
            fact.learn(name, StampedValue(value, Stamp(second: second, source: .target), .operation))
        }
        return fact
    }

    @Test(arguments: [QuestionReason.cut, .unsure, .closed], [-1, 0, 1, 5] as [Int64])
    func aReadAnswersWhatWasToldWithALaterTime(reason: QuestionReason, later: Int64) throws {
        let told = 100 + later
        var record = Self.record(.opportunity, Self.whole, second: 50)
        record.take(Self.notice(reason, second: told))
        #expect(Self.book.question(of: record) == reason)
        record.take(try Self.row(readAt: told + 2))
        #expect(Self.book.question(of: record) == (later > 0 ? reason : nil), "it may have been read before")
        record.take(try Self.row(readAt: told + 921))
        #expect(Self.book.question(of: record) == nil && record.columnsBehindCut.isEmpty)
        #expect(record["name"] == .text("row") && record["statecode"] == .choice(1))
        let sure = record
        record.take(Self.notice(reason, second: told))
        #expect(Self.book.question(of: record) == nil && record.attributes == sure.attributes, "it arrives once more")
    }

    /// In whichever order they arrive.
    @Test(arguments: [QuestionReason.cut, .unsure, .closed], [-1, 0, 1, 5] as [Int64])
    func aReadAnswersWhatArrivesAfterIt(reason: QuestionReason, later: Int64) throws {
        let told = 100 + later
        var record = Self.record(.opportunity, Self.whole, second: 50)
        record.take(try Self.row(readAt: told + 921))
        record.take(Self.notice(reason, second: told))
        #expect(Self.book.question(of: record) == nil)
        #expect(record["name"] == .text("row") && record["statecode"] == .choice(1))
    }

    @Test func aReadSaysNothingOfLaterChangesAndOfOtherColumns() throws {
        var record = Self.record(.opportunity, Self.whole, second: 50)
        record.take(Self.notice(.cut, second: 300))
        record.take(try Self.row(readAt: 200))
        #expect(Self.book.question(of: record) == .cut)
        record = Self.record(.opportunity, Self.whole.merging(["stepname": .text("1")]) { $1 }, second: 50)
        record.take(Self.notice(.cut, second: 100))
        record.take(try Self.row(readAt: 200, without: "stepname"))
        #expect(record.columnsBehindCut == ["stepname"])
        record.take(try Self.row(readAt: 210))
        #expect(record.columnsBehindCut.isEmpty && record["stepname"] == .null)
    }

    /// A synchronous step told of it, and may be rolled back.
    @Test func whatATransactionToldIsAskedForUntilItIsOver() {
        var record = Self.record(.opportunity, Self.whole, second: 1_000)
        record.markTentative(atSecond: 1_000)
        #expect(Self.book.question(of: record) == .tentative)
        record.markRevived(atSecond: 1_900)
        #expect(Self.book.question(of: record) == .tentative, "read in the meantime")
        record.markRevived(atSecond: 1_901)
        #expect(Self.book.question(of: record) == nil)

        record = Self.record(.opportunity, ["name": .text("a")], second: 1_000)
        record.markTentative(atSecond: 1_000)
        #expect(Self.book.question(of: record) == .incomplete, "what is missing may be there already")
        record.markRevived(atSecond: 1_005)
        #expect(Self.book.question(of: record) == .tentative, "it was not")
        record.markDeleted(atSecond: 1_900)
        #expect(Self.book.question(of: record) == .tentative, "Dynamics did not show it yet")
        record.markDeleted(atSecond: 1_901)
        #expect(Self.book.question(of: record) == nil)
    }

    @Test func theRecordsThatAnOpportunityNamesAreAskedFor() {
        let (contact, account) = (GUID(high: 2, low: 2), GUID(high: 3, low: 3))
        var values = Self.whole
        values["customerid"] = .reference(entity: "contact", id: contact)
        var slice = Slice(Self.record(.opportunity, values))
        #expect(Self.book.questions(slice) == [RecordKey(.contact, contact): .unknown])
        var person = MirrorRecord(RecordKey(.contact, contact))
        person.learn(
            "parentcustomerid",
            StampedValue(.reference(entity: "account", id: account), Stamp(second: 1, source: .target))
        )
        slice.add(person)
        #expect(Self.book.questions(slice) == [RecordKey(.account, account): .unknown])
        slice.opportunity.markDeleted(atSecond: 99)
        #expect(Self.book.questions(slice) == [:], "nothing of it is wanted")
    }

    /// R10: names of roles come from the configuration, else from Dynamics, never from a body.
    @Test func theNameOfARoleIsReadOnceAndUsed() throws {
        var settings = RuleSettings()
        settings.readsRoleNames = true
        let (opportunity, contact, role) = (Self.id, GUID(high: 2, low: 2), GUID(high: 4, low: 4))
        let ends: [String: Value] = [
            "record1id": .reference(entity: "opportunity", id: opportunity),
            "record2id": .reference(entity: "contact", id: contact),
            "record2roleid": .reference(entity: "connectionrole", id: role),
        ]
        var connection = Self.record(.connection, ends)
        #expect(Self.book.question(of: connection) == nil, "without a connection to Dynamics")
        #expect(RuleBook(settings).question(of: connection) == .incomplete)
        let row = DynamicsRow(
            connection.key,
            rowVersion: 1,
            modifiedOn: Timestamp(second: 100),
            columns: ends,
            lookupNames: ["record2roleid": "Decision maker"]
        )
        connection.merge(try #require(MirrorRecord(row: row, readAt: Timestamp(second: 200))))
        #expect(RuleBook(settings).question(of: connection) == nil)
        var slice = Slice(Self.record(.opportunity, Self.whole))
        slice.add(connection)
        let names = { (settings: RuleSettings) in
            RuleBook(settings).project(slice).filter { $0.key.kind == .role }.compactMap { $0.key.role?.name }
        }
        #expect(names(settings) == ["Decision maker"])
        settings.roleNames = [role: "Buyer"]
        #expect(names(settings) == ["Buyer"], "the operator's names go first")
    }
}
