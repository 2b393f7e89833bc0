import Testing

@testable import OnewayCore

/// When a person joined the opportunity, and the attribution of one without people.
@Suite struct JoinedTests {
    private static let (opened, joined, later) = (day(1), day(2), day(3))

    private static func day(_ number: Int64) -> Timestamp { Timestamp(second: 1_772_000_000 + number * 86_400) }

    private static func connection(
        _ createdOn: Timestamp?,
        _ more: [String: Value] = [:],
        id: GUID = Who.connection
    ) -> MirrorRecord {
        var connection = stakeholder(id)
        connection.learn(at: 0, more)
        if let createdOn { connection.learn(at: 0, ["createdon": .time(createdOn)]) }
        return connection
    }

    private static var deleted: MirrorRecord {
        var connection = connection(joined, id: Who.second)
        connection.markDeleted(atSecond: 1)
        return connection
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let opened: Timestamp?
        let connections: [MirrorRecord]
        var roleName = "Champion"
        /// Expected for the role of that name.
        let since: Timestamp?
    }

    static let rows = [
        Row(testDescription: "nothing known", opened: nil, connections: [connection(nil)], since: nil),
        Row(testDescription: "the opportunity's", opened: opened, connections: [connection(nil)], since: opened),
        Row(testDescription: "the connection's", opened: opened, connections: [connection(joined)], since: joined),
        Row(testDescription: "the connection's alone", opened: nil, connections: [connection(joined)], since: joined),
        Row(
            testDescription: "the earliest of two",
            opened: opened,
            connections: [connection(later), connection(joined, id: Who.second)],
            since: joined
        ),
        Row(
            testDescription: "the only one known of two",
            opened: nil,
            connections: [connection(nil), connection(later, id: Who.second)],
            since: later
        ),
        Row(
            testDescription: "a deleted one does not count",
            opened: opened,
            connections: [connection(later), deleted],
            since: later
        ),
        Row(
            testDescription: "an inactive one does not count",
            opened: opened,
            connections: [connection(later), connection(joined, ["statecode": .choice(1)], id: Who.second)],
            since: later
        ),
        Row(
            testDescription: "told empty",
            opened: opened,
            connections: [connection(nil, ["createdon": .null])],
            since: opened
        ),
        Row(testDescription: "the customer's", opened: opened, connections: [], roleName: "Customer", since: opened),
        Row(testDescription: "the customer's, unknown", opened: nil, connections: [], roleName: "Customer", since: nil),
        Row(
            testDescription: "the customer's, also a stakeholder's",
            opened: opened,
            connections: [connection(later, ["record2roleid": .null])],
            roleName: "Customer",
            since: opened
        ),
    ]

    @Test(arguments: rows) func aRoleSaysSinceWhen(_ row: Row) throws {
        var settings = named("Champion")
        settings.stakeholderRole = "Customer"
        var values = CustomerRulesTests.byContact
        if let opened = row.opened { values["createdon"] = .time(opened) }
        for connections in [row.connections, row.connections.reversed()] {
            var slice = Slice.of(values)
            for connection in connections { slice.add(connection) }
            let role = Wanted(slice, settings)[.role, "\(Who.opportunity)/\(Who.contact)/\(row.roleName)"]
            let record = try JSONDocument(try #require(role?.desired.record)).root
            #expect(record["externalCreatedDate"]?.string == row.since.map { "\($0)" })
            #expect(record["isPrimary"]?.bool == (row.roleName == "Customer"))
        }
    }

    /// Marketo accepts whole seconds only.
    @Test func fractionsOfASecondAreLeftOut() throws {
        let opened = Timestamp(milliseconds: 1_772_442_000_999)
        let values = CustomerRulesTests.byContact.merging(["createdon": .time(opened)]) { $1 }
        let role = Wanted(.of(values))[.role, "\(Who.opportunity)/\(Who.contact)/Customer"]
        let record = try JSONDocument(try #require(role?.desired.record)).root
        #expect(record["externalCreatedDate"]?.string == "2026-03-02T09:00:00Z")
    }

    /// It is always sent, so it is kept regardless of the selection.
    @Test func theMirrorKeepsWhenWhateverIsSelected() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("name", "name")]
        let columns = RuleBook(settings).columns
        #expect(columns[.opportunity]?.contains("createdon") == true)
        #expect(columns[.connection]?.contains("createdon") == true)
    }

    private static let says =
        "R5: without a role, Marketo's Explicit attribution (its default) credits it to nobody"

    struct Owner: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var values = CustomerRulesTests.byAccount
        var connections: [MirrorRecord] = []
        let isNobodys: Bool
    }

    static let owners = [
        Owner(testDescription: "an account", isNobodys: true),
        Owner(
            testDescription: "an account and a contact on the form",
            values: CustomerRulesTests.byAccount.merging(["parentcontactid": .contact(Who.contact)]) { $1 },
            isNobodys: true
        ),
        Owner(testDescription: "an account and a stakeholder", connections: [stakeholder()], isNobodys: false),
        Owner(testDescription: "an account and one who left", connections: [deleted], isNobodys: true),
        Owner(testDescription: "a contact", values: CustomerRulesTests.byContact, isNobodys: false),
    ]

    @Test(arguments: owners) func r5AnAccountAloneBelongsToNobody(_ row: Owner) {
        var slice = Slice.of(row.values)
        for connection in row.connections { slice.add(connection) }
        let wanted = Wanted(slice)
        #expect(wanted.reasons(wanted.opportunity).contains(Self.says) == row.isNobodys)
    }
}
