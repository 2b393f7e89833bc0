import Testing

@testable import OnewayCore

/// Every code that Adobe lists, and its treatment.
@Suite struct TreatmentTests {
    /// For a sync, at either level, and any kind of record unless a test says otherwise.
    static let bySync: [ErrorDisposition: [String]] = [
        .again: ["500", "604", "611", "1005", "1013", "1017", "1036"],
        .away: ["600", "601", "602", "608", "614", "713"],
        .doubt: ["502"],
        .fewerCalls: ["606"], .fewerAtOnce: ["615"], .nextDay: ["607"],
        .stop: ["603", "703", "1018"],
        .withoutOwner: ["718"], .withoutFields: ["1006"],
        .parkTogether: ["605", "610", "612", "613", "616", "1008", "1009", "1011"],
        .park: [
            "609", "701", "702", "704", "1001", "1002", "1003", "1007", "1010", "1021", "1022",
        ],
    ]

    /// Codes of calls that Oneway does not make: unknown, so tried a few times, then parked.
    static let foreign = [
        "709", "710", "711", "712", "714", "719", "1014", "1015", "1016", "1019", "1020", "1025", "1026", "1027",
        "1028",
        "1029", "1035", "1037", "1042", "1048", "1049", "1076", "1077", "1078", "1079", "1080", "9999", "", "abc",
    ]

    @Test func everyCodeOfASync() {
        for (disposition, codes) in Self.bySync {
            for code in codes {
                #expect(ErrorDisposition.of(code, .sync, .opportunity) == disposition, "\(code)")
                #expect(ErrorDisposition.of(code, .sync, .company) == disposition, "\(code)")
            }
        }
        for code in Self.foreign { #expect(ErrorDisposition.of(code, .sync, .role) == .again, "\(code)") }
        let told = Set(Self.bySync.values.joined()).union(["1004"])
        #expect(told == ErrorDisposition.codes, "every code of the table is tested here")
    }

    @Test func whatDependsOnTheCall() {
        #expect(ErrorDisposition.of("1004", .sync, .role) == .noLead)
        #expect(ErrorDisposition.of("1004", .sync, .person) == .noLead)
        #expect(ErrorDisposition.of("1004", .sync, .opportunity) == .park)
        for kind in RecordKind.allCases {
            #expect(ErrorDisposition.of("1004", .delete, kind) == .done)
            #expect(ErrorDisposition.of("1013", .delete, kind) == .done)
            #expect(ErrorDisposition.of("1004", .read, kind) == .again)
        }
        #expect(ErrorDisposition.of("1022", .delete, .opportunity) == .rolesFirst)
        #expect(ErrorDisposition.of("1022", .delete, .company) == .park)
        #expect(ErrorDisposition.of("1006", .read, .role) == .parkTogether)
        #expect(ErrorDisposition.of("1006", .sync, .person) == .parkTogether)
    }

    @Test func aRightThatSalesPersonsAloneNeedConcernsThemAlone() {
        #expect(ErrorDisposition.of("603", .sync, .salesPerson) == .parkTogether)
        #expect(ErrorDisposition.of("703", .sync, .salesPerson) == .stop)
    }

    @Test func whatConcernsAllDecides() throws {
        let complaints = ["1003", "606", "9999", "603", "1013"].map { MarketoAnswer.Complaint(code: $0, message: "") }
        #expect(try #require(ErrorDisposition.deciding(complaints, .sync, .role)).complaint.code == "603")
        #expect(
            try #require(ErrorDisposition.deciding(Array(complaints.prefix(3)), .sync, .role)).complaint.code == "606"
        )
        #expect(ErrorDisposition.deciding([], .sync, .role) == nil)
    }

    /// An error that no single record can cause is not bisected; any other is, so that good records never wait.
    @Test func onlyErrorsThatOneRecordMayCauseAreBisected() {
        let all: Set<ErrorDisposition> = [.away, .doubt, .fewerCalls, .fewerAtOnce, .nextDay, .stop, .parkTogether]
        for disposition in Set(Self.bySync.keys).union([.done, .noLead, .rolesFirst]) {
            #expect(disposition.mayBeOneRecord == !all.contains(disposition), "\(disposition)")
        }
    }
}
