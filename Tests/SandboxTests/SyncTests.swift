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
        #expect(asking.book.record(.opportunity, "o")?.members["externalCompanyId"] == "c", "what is left out stays")
        #expect(asking.book.all(.role).count == 1)
    }
}
