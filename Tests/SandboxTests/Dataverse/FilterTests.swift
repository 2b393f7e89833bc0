import OnewayCore
import Testing

@testable import Sandbox

@Suite struct FilterTests {
    private static let row: [String: FilterValue] = [
        "n": .number(5), "t": .text("Café"), "f": .flag(true), "g": .id(GUID(high: 1, low: 2)),
        "m": .moment(Timestamp(second: 86_400)), "z": .null,
    ]

    static let holding: [(filter: String, holds: Bool)] = [
        ("n eq 5", true), ("n ne 5", false), ("n gt 4.5", true), ("n ge 5", true), ("n lt 5", false),
        ("n le 5", true), ("t eq 'café'", true), ("t eq 'caf'", false), ("contains(t,'AF')", true),
        ("startswith(t,'ca')", true), ("endswith(t, 'é')", true), ("contains(z,'a')", false), ("f eq true", true),
        ("g eq 00000000-0000-0001-0000-000000000002", true), ("m gt 1970-01-01", true),
        ("m le 1970-01-02T00:00:00Z", true), ("z eq null", true), ("z ne null", false), ("z ne 5", true),
        ("z gt 1", false), ("z le 1", false), ("not z eq null", false), ("n eq 1 or n eq 5 and f eq true", true),
        ("(n eq 1 or n eq 5) and f eq false", false), ("not (n eq 1) and not f eq false", true),
        ("t eq 'It''s'", false), ("Microsoft.Dynamics.CRM.In(PropertyName='t',PropertyValues=['a','CAFÉ'])", true),
        (
            #"Microsoft.Dynamics.CRM.In(PropertyName='g',PropertyValues=["00000000-0000-0001-0000-000000000002"])"#,
            true
        ),
        ("t eq A.B'Café'", true),
    ]

    @Test(arguments: holding) func aFilterHolds(filter: String, holds: Bool) throws {
        let expression = try FilterParser.expression(filter)
        #expect(expression.holds { Self.row[$0] ?? .null } == holds)
    }

    @Test(arguments: [
        "", "n", "n eq", "n eq 5 and", "eq 5", "n is 5", "n eq m", "(n eq 5", "n eq 5)", "t eq 'open", "length(t) eq 3",
        "n eq 5 n eq 5", "contains(t)", "not", "n eq [1]", "n add 1 eq 2", "t eq \"a\"", "contains('a',t)",
        "tolower(t) eq 'a'",
        "Microsoft.Dynamics.CRM.In(PropertyName='t')", String(repeating: "(", count: 40),
    ])
    func whatItDoesNotKnowIsRefused(filter: String) {
        let error = #expect(throws: DataverseError.self) { try FilterParser.expression(filter) }
        #expect(error?.status == 400)
    }
}
