import Testing

@testable import OnewayCore

@Suite struct CureTests {
    @Test func everyCodeOfTheTableHasItsCure() {
        #expect(Treatment.codes.count > 40)
        for code in Treatment.codes { #expect(Cure.isKnown(code), "\(code)") }
    }

    @Test(arguments: [
        "unreachable", "credentials", "mismatch", "refused", "timeout", "cut", "stopped", "not-json", "too-long", "413",
        "not-configured", "paused",
    ])
    func everyCodeOfOurOwnHasItsCure(code: String) { #expect(Cure.isKnown(code)) }

    @Test func theWordsAreSentences() {
        for code in Treatment.codes {
            let cure = Cure.of(code)
            #expect(cure.cure.last == ".", "\(code)")
            #expect(cure.means.last != ".", "\(code)")
        }
    }

    @Test func aCodeNobodyKnowsHasWordsToo() { #expect(!Cure.of("4711").cure.isEmpty && !Cure.isKnown("4711")) }
}
