import Glibc
import OnewayCore
import Testing

@testable import Sandbox

@Suite struct SyncTests {
    @Test func whatIsMissingIsMadeAndWhatIsThereIsChanged() throws {
        var (asking, _) = try Asking.filled()
        let again = try asking.sync(
            .opportunity,
            #"{"input": [{"externalOpportunityId": "o", "name": "Two"}, {"externalOpportunityId": "n", "name": "New"}]}"#
        )
        #expect(again.short == ["updated", "created"])
        #expect(asking.book.record(.opportunity, "o")?.members["name"] == "Two")
        #expect(asking.book.record(.opportunity, "o")?.members["externalCompanyId"] == "c", "omitted fields stay")
        #expect(asking.book.all(.role).count == 1)
    }

    /// Each against the book of `Asking.filled`; `LEAD` stands for its lead's id.
    static let records: [(MarketoKind, String, String)] = [
        (.opportunity, #"{"externalOpportunityId": "n"}"#, "1002"),
        (.opportunity, #"{"externalOpportunityId": "o"}"#, "updated"),
        (.opportunity, #"{"name": "n"}"#, "1002"),
        (.opportunity, #"{"externalOpportunityId": "", "name": "n"}"#, "1002"),
        (.opportunity, #"{"externalOpportunityId": 7, "name": "n"}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "name": null}"#, "1002"),
        (.opportunity, #"{"externalOpportunityId": "o", "name": ""}"#, "1002"),
        (.opportunity, #"{"externalOpportunityId": "o", "name": 3}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "Stage": "x"}"#, "1006"),
        (.opportunity, #"{"externalOpportunityId": "o", "createdAt": "2026-01-01T00:00:00Z"}"#, "1003"),
        (.opportunity, #"{"externalOpportunityId": "o", "marketoGUID": "other"}"#, "1003"),
        (.opportunity, #"{"externalOpportunityId": "o", "externalCompanyId": "nobody"}"#, "1013"),
        (.opportunity, #"{"externalOpportunityId": "o", "externalCompanyId": null}"#, "updated"),
        (.opportunity, #"{"externalOpportunityId": "o", "amount": 12.50}"#, "updated"),
        (.opportunity, #"{"externalOpportunityId": "o", "amount": "1604.47"}"#, "updated"),
        (.opportunity, #"{"externalOpportunityId": "o", "amount": "much"}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "amount": true}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "probability": 30}"#, "updated"),
        (.opportunity, #"{"externalOpportunityId": "o", "probability": 30.5}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "isWon": "true"}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "isWon": false}"#, "updated"),
        (.opportunity, #"{"externalOpportunityId": "o", "closeDate": "2024-02-29"}"#, "updated"),
        (.opportunity, #"{"externalOpportunityId": "o", "closeDate": "2026-02-29"}"#, "1001"),
        (.opportunity, #"{"externalOpportunityId": "o", "closeDate": "2026-01-01T00:00:00Z"}"#, "1001"),
        (
            .opportunity, #"{"externalOpportunityId": "o", "externalCreatedDate": "2026-01-01T00:00:00-0800"}"#,
            "updated"
        ),
        (.opportunity, #"{"externalOpportunityId": "o", "externalCreatedDate": "yesterday"}"#, "1001"),
        (.opportunity, "7", "1003"),
        (.role, #"{"externalOpportunityId": "o", "leadId": LEAD, "role": "Customer", "isPrimary": true}"#, "updated"),
        (.role, #"{"externalOpportunityId": "o", "leadId": LEAD, "role": "Champion"}"#, "created"),
        (.role, #"{"externalOpportunityId": "o", "leadId": 0, "role": "Customer"}"#, "1004"),
        (.role, #"{"externalOpportunityId": "x", "leadId": LEAD, "role": "Customer"}"#, "1013"),
        (.role, #"{"externalOpportunityId": "o", "leadId": LEAD, "role": ""}"#, "1002"),
        (.role, #"{"externalOpportunityId": "o", "leadId": LEAD}"#, "1002"),
        (.role, #"{"externalOpportunityId": "o", "leadId": "Ann", "role": "Customer"}"#, "1001"),
        (.company, #"{"externalCompanyId": "new"}"#, "created"),
        (.company, #"{"externalCompanyId": "c", "company": "Other"}"#, "updated"),
        (.company, #"{"company": "Other"}"#, "1002"),
        (.salesPerson, #"{"externalSalesPersonId": "s", "email": "no address"}"#, "1001"),
        (.lead, #"{"email": "p@example.com", "firstName": "Pat"}"#, "updated"),
        (.lead, #"{"email": "new@example.com", "externalCompanyId": "c"}"#, "created"),
        (.lead, #"{"email": "new@example.com", "externalCompanyId": "nobody"}"#, "1013"),
        (.lead, #"{"email": "p@example.com", "externalCompanyId": "c", "company": "Mine"}"#, "1021"),
        (.lead, #"{"email": "p@example.com", "company": "Mine"}"#, "1021"),
        (.lead, #"{"firstName": "Pat"}"#, "1002"),
    ]

    @Test(arguments: records) func aRecordIsTakenOrSkipped(kind: MarketoKind, record: String, outcome: String) throws {
        var (asking, lead) = try Asking.filled()
        let before = asking.book.record(.opportunity, "o")
        let record = record.replacing("LEAD", with: "\(lead)")
        let outcomes = try asking.sync(kind, #"{"input": [\#(record)]}"#)
        #expect(outcomes.short == [outcome])
        #expect((outcomes[0].id == nil) == (outcome.first?.isNumber == true))
        if outcome.first?.isNumber == true { #expect(asking.book.record(.opportunity, "o") == before) }
    }

    static let calls: [(MarketoKind, String, String)] = [
        (.opportunity, #"{}"#, "1002"),
        (.opportunity, #"{"input": []}"#, "1002"),
        (.opportunity, #"{"input": {"externalOpportunityId": "o"}}"#, "1002"),
        (.opportunity, #"{"action": "upsert", "input": [{}]}"#, "1003"),
        (.opportunity, #"{"action": "createDuplicate", "input": [{}]}"#, "1003"),
        (.opportunity, #"{"dedupeBy": "name", "input": [{}]}"#, "1003"),
        (.opportunity, #"{"dedupeBy": null, "input": [{}]}"#, "1003"),
        (.opportunity, #"{"dedupeBy": "idField", "input": [{}]}"#, "1003"),
        (.opportunity, #"{"action": "createOnly", "dedupeBy": "idField", "input": [{}]}"#, "1003"),
        (
            .opportunity,
            #"{"input": [{"externalOpportunityId": "n", "name": "N"}, {"externalOpportunityId": "o", "externalSalesPersonId": "x"}]}"#,
            "718"
        ),
        (.lead, #"{"lookupField": "id", "input": [{"id": 1}]}"#, "1003"),
        (.lead, #"{"lookupField": 1, "input": [{"id": 1}]}"#, "1003"),
        (.opportunity, #"{"input": [\#(Array(repeating: "{}", count: 301).joined(separator: ","))]}"#, "1003"),
    ]

    @Test(arguments: calls) func aCallFailsAsAWholeAndDoesNothing(kind: MarketoKind, body: String, code: String) throws
    {
        var (asking, _) = try Asking.filled()
        let failure = #expect(throws: MarketoFailure.self) { _ = try asking.sync(kind, body) }
        #expect(failure?.code == code)
        #expect(asking.book.all(.opportunity).count == 1)
    }

    @Test func actionsDecideWhatIsAllowed() throws {
        var (asking, _) = try Asking.filled()
        let both =
            #""input": [{"externalOpportunityId": "o", "name": "A"}, {"externalOpportunityId": "n", "name": "B"}]}"#
        #expect(try asking.sync(.opportunity, #"{"action": "updateOnly", "# + both).short == ["updated", "1013"])
        #expect(try asking.sync(.opportunity, #"{"action": "createOnly", "# + both).short == ["1017", "created"])
        let guid = asking.book.record(.opportunity, "n")?.members["marketoGUID"]?.shown ?? ""
        let byID =
            #"{"action": "updateOnly", "dedupeBy": "idField", "input": [{"marketoGUID": "\#(guid)", "stage": "Won"}]}"#
        #expect(try asking.sync(.opportunity, byID).short == ["updated"])
        #expect(asking.book.record(.opportunity, "n")?.members["stage"] == "Won")
    }

    @Test func oneKeyTwiceInACallIsTakenOnce() throws {
        var asking = Asking()
        let twice =
            #"{"input": [{"externalCompanyId": "c", "company": "A"}, {"externalCompanyId": "c", "company": "B"}]}"#
        #expect(try asking.sync(.company, twice).short == ["created", "1036"])
        #expect(asking.book.record(.company, "c")?.members["company"] == "A")
    }

    @Test(arguments: [("null", nil), (#""""#, nil), (#""new""#, "new")] as [(String, JSON?)])
    func nullAndEmptyTextClear(sent: String, kept: JSON?) throws {
        var (asking, _) = try Asking.filled()
        _ = try asking.sync(.opportunity, #"{"input": [{"externalOpportunityId": "o", "stage": "old"}]}"#)
        _ = try asking.sync(.opportunity, #"{"input": [{"externalOpportunityId": "o", "stage": \#(sent)}]}"#)
        #expect(asking.book.record(.opportunity, "o")?.members["stage"] == kept)
    }

    @Test func lengthsAreThoseOfDescribe() throws {
        for kind in MarketoKind.allCases {
            for field in Schema(kind).fields {
                guard let length = field.length, field.type == .string else { continue }
                #expect(try field.kept(.string(String(repeating: "é", count: length))) != nil, "\(field.name)")
                #expect(throws: MarketoFailure.self, "\(field.name)") {
                    try field.kept(.string(String(repeating: "é", count: length + 1)))
                }
            }
        }
    }

    @Test func leadsAreUniqueByIdAlone() throws {
        var asking = Asking()
        let ann = #""input": [{"email": "ann@example.com"}]}"#
        #expect(try asking.sync(.lead, "{" + ann).short == ["created"])
        #expect(try asking.sync(.lead, #"{"action": "createOnly", "# + ann).short == ["1005"])
        #expect(try asking.sync(.lead, #"{"action": "createDuplicate", "# + ann).short == ["created"])
        #expect(try asking.sync(.lead, "{" + ann).short == ["1007"])
        let byID = #"{"action": "updateOnly", "lookupField": "id", "input": [{"id": 1, "title": "Dr"}, {"id": 9}]}"#
        #expect(try asking.sync(.lead, byID).short == ["updated", "1004"])
        #expect(asking.book.record(.lead, "1")?.members["title"] == "Dr")
    }

    /// The processor's time of this thread: a busy machine does not change it.
    private var cpuTime: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// No other test would notice a copy of all records for each one.
    @Test(arguments: [MarketoKind.opportunity, .lead]) func heldRecordsDoNotSlowCallsDown(kind: MarketoKind) throws {
        var (asking, number) = (Asking(), 0)
        func call(_ count: Int) throws -> Duration {
            let records = (0..<count).map { _ in
                number += 1
                return kind == .lead
                    ? #"{"email": "\#(number)@example.com"}"# : #"{"externalOpportunityId": "\#(number)", "name": "n"}"#
            }
            let body = #"{"input": [\#(records.joined(separator: ","))]}"#
            let before = cpuTime
            let made = try asking.sync(kind, body)
            #expect(made.allSatisfy { $0.status == .created })
            return cpuTime - before
        }
        let whenEmpty = try (0..<5).map { _ in try call(20) }.min() ?? .zero
        for _ in 0..<30 { _ = try call(300) }
        let whenFull = try (0..<5).map { _ in try call(20) }.min() ?? .zero
        #expect(whenFull < whenEmpty * 8)
    }
}
