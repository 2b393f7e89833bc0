import Testing

@testable import OnewayCore

@Suite struct RemedyTests {
    @Test func everyCodeOfTheTableHasItsCure() {
        #expect(ErrorDisposition.codes.count > 40)
        for code in ErrorDisposition.codes { #expect(Remedy.isKnown(code), "\(code)") }
    }

    @Test(arguments: [
        "unreachable", "credentials", "mismatch", "refused", "timeout", "cut", "stopped", "not-json", "too-long", "413",
        "not-configured", "paused",
    ])
    func everyCodeOfOurOwnHasItsCure(code: String) { #expect(Remedy.isKnown(code)) }

    @Test func theWordsAreSentences() {
        for code in ErrorDisposition.codes {
            let remedy = Remedy.of(code)
            #expect(remedy.remedy.last == ".", "\(code)")
            #expect(remedy.means.last != ".", "\(code)")
        }
    }

    @Test func anUnknownCodeHasAnExplanationToo() {
        #expect(!Remedy.of("4711").remedy.isEmpty && !Remedy.isKnown("4711"))
    }
}
