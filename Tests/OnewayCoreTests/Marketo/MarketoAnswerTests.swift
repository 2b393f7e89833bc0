import Testing

@testable import OnewayCore

@Suite struct MarketoAnswerTests {
    private static func answer(_ text: String) throws -> MarketoAnswer { try MarketoAnswer(Array(text.utf8)) }

    private static func results(_ elements: String) -> String { #"{"success":true,"result":[\#(elements)]}"# }

    @Test func everythingIsRead() throws {
        let answer = try Self.answer(
            #"""
            {"requestId":"e42b#14272d07d78","success":true,"nextPageToken":"NEXT==","moreResult":true,
             "result":[{"seq":0,"status":"updated","marketoGUID":"g"},
                       {"seq":1,"status":"skipped","reasons":[{"code":"1013","message":"Object not found"},{"code":9}]}]}
            """#
        )
        #expect(answer.requestID == "e42b#14272d07d78" && answer.isSuccess && answer.nextPage == "NEXT==")
        #expect(answer.complaints.isEmpty)
        #expect(answer.results.map(\.status) == ["updated", "skipped"])
        #expect(answer.results.map(\.sequence) == [.at(0), .at(1)])
        #expect(answer.results[0].fields["marketoGUID"]?.string == "g")
        let complaints = answer.results[1].complaints
        #expect(complaints == [.init(code: "1013", message: "Object not found"), .init(code: "9", message: "")])
    }

    @Test func failuresAreReportedInOneWay() throws {
        let table: [(String, [String])] = [
            (#"{"success":false,"errors":[{"code":"606","message":"m"},{"code":611,"message":"m"}]}"#, ["606", "611"]),
            (#"{"success":true,"errors":[{"code":"1018","message":"m"}],"result":[]}"#, ["1018"]),
            (#"{"success":false}"#, []),
            (#"{"success":false,"errors":[]}"#, []),
            (#"{"success":false,"errors":null,"result":null}"#, []),
            (#"{"success":false,"errors":["words",{"code":{}},{}]}"#, ["", "", ""]),
        ]
        for (text, codes) in table {
            let answer = try Self.answer(text)
            #expect(!answer.isSuccess && answer.complaints.map(\.code) == codes, "\(text)")
            #expect(answer.outcomes(of: 0) == nil, "\(text)")
        }
        #expect(try Self.answer(#"{"success":false,"errors":["words"]}"#).complaints[0].message == "words")
    }

    @Test func wordsHaveAnEnd() throws {
        let long = String(repeating: "long ", count: 1000)
        let answer = try Self.answer(#"{"success":false,"errors":[{"code":"\#(long)","message":"\#(long)"}]}"#)
        #expect(answer.complaints.map(\.code.count) == [20] && answer.complaints.map(\.message.count) == [1000])
    }

    @Test func invalidAnswersAreRefused() {
        let table = [
            "", "<html></html>", "null", "[]", "{}", #"{"success":1}"#, #"{"success":"true"}"#, #"{"success":null}"#,
            #"{"success":true"#, #"{"success":true,"result":{}}"#, #"{"success":true,"errors":"no"}"#,
            #"{"success":true}x"#,
        ]
        for text in table {
            let error = #expect(throws: MarketoAnswer.Unreadable.self, "\(text)") { try Self.answer(text) }
            #expect(error?.says.contains("html") == false)
        }
    }

    /// What Marketo did is known, however it warns.
    @Test(arguments: [#"["words"]"#, #"[{"code":7}]"#, "[]", "null", #""words""#, "1", "{}"])
    func warningsChangeNothing(warnings: String) throws {
        let answer = try Self.answer(#"{"success":true,"warnings":\#(warnings),"result":[{"status":"updated"}]}"#)
        #expect(answer.isSuccess && answer.results.map(\.status) == ["updated"])
    }

    @Test func thePageAfterTheLastIsNone() throws {
        let table: [(String, String?)] = [
            (#""result":[{}],"nextPageToken":"a""#, "a"),
            (#""result":[{}],"nextPageToken":"a","moreResult":true"#, "a"),
            (#""result":[{}],"nextPageToken":"a","moreResult":false"#, nil),
            (#""result":[{}],"nextPageToken":"""#, nil), (#""result":[],"nextPageToken":"a""#, nil),
            (#""result":[{}],"moreResult":true"#, nil),
        ]
        for (members, page) in table {
            #expect(try Self.answer(#"{"success":true,\#(members)}"#).nextPage == page, "\(members)")
        }
    }

    @Test func onlyKnownSuccessCounts() throws {
        let elements = [
            #"{"seq":0,"status":"created"}"#, #"{"status":"updated","reasons":[]}"#, #"{"status":"deleted"}"#,
            #"{"seq":3,"status":"skipped","reasons":[{"code":"1004","message":"Lead not found"}]}"#,
            #"{"reasons":[{"code":"501","message":"odd"}]}"#, #"{"status":"skipped"}"#, #"{"status":"failed"}"#, "{}",
            "7", #"{"status":"Created"}"#, #"{"status":"updated","reasons":[{"code":"1","message":"but"}]}"#,
        ]
        let expected: [RecordOutcome] = [
            .done("created"), .done("updated"), .done("deleted"),
            .refused([.init(code: "1004", message: "Lead not found")]),
            .refused([.init(code: "501", message: "odd")]), .refused([]), .refused([]), .refused([]), .refused([]),
            .refused([]), .refused([.init(code: "1", message: "but")]),
        ]
        let answer = try Self.answer(Self.results(elements.joined(separator: ",")))
        #expect(answer.outcomes(of: elements.count) == expected)
    }

    @Test func aListThatDoesNotMatchSettlesNothing() throws {
        let (a, b) = (#"{"seq":0,"status":"created"}"#, #"{"seq":1,"status":"created"}"#)
        let table: [(String, Bool)] = [
            ("\(a),\(b)", true), (a, false), ("", false), ("\(a),\(b),\(b)", false), ("\(b),\(a)", false),
            ("\(a),\(a)", false), (#"\#(a),{"seq":"1","status":"created"}"#, false),
            (#"\#(a),{"seq":null,"status":"created"}"#, false), (#"\#(a),{"seq":1.0,"status":"created"}"#, false),
            (#"\#(a),{"status":"created"}"#, true),
        ]
        for (elements, matches) in table {
            #expect((try Self.answer(Self.results(elements)).outcomes(of: 2) != nil) == matches, "\(elements)")
        }
        #expect(try Self.answer(#"{"success":true}"#).outcomes(of: 1) == nil)
        #expect(try Self.answer(#"{"success":true}"#).outcomes(of: 0) == [])
    }

    @Test func descriptionsAreRead() throws {
        let fields = try MarketoFields(
            Self.answer(
                Self.results(
                    #"""
                    {"name":"opportunity","idField":"marketoGUID","dedupeFields":["externalOpportunityId"],
                     "searchableFields":[["externalOpportunityId"],["marketoGUID"],["a","b"],"plain"],
                     "fields":[{"name":"externalOpportunityId","displayName":"Id","dataType":"string","length":50,
                                "updateable":false},
                               {"name":"amount","dataType":"currency","updateable":true},{"displayName":"nameless"},
                               {"name":"odd"}]}
                    """#
                )
            )
        )
        #expect(fields.byName.keys.sorted() == ["amount", "externalOpportunityId", "odd"])
        let id = fields.byName["externalOpportunityId"]
        #expect(id?.length == 50 && id?.isUpdateable == false && id?.dataType == "string" && id?.displayName == "Id")
        let amount = fields.byName["amount"]
        #expect(amount?.length == nil && amount?.isUpdateable == true && amount?.displayName == "amount")
        #expect(fields.dedupeFields == ["externalOpportunityId"])
        #expect(fields.searchable == ["externalOpportunityId", "marketoGUID", "plain"])

        for text in [
            Self.results(""), Self.results("{}"), Self.results(#"{"fields":{}}"#),
            Self.results(#"{"fields":[]},{"fields":[]}"#),
            #"{"success":false,"result":[{"fields":[]}]}"#,
        ] {
            #expect(throws: MarketoAnswer.Unreadable.self, "\(text)") { try MarketoFields(Self.answer(text)) }
        }
    }
}
