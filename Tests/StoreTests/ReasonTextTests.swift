import OnewayCore
import Testing

@testable import Store

@Suite struct ReasonTextTests {
    @Test(arguments: ["plain", "zweí", "two\nlines", "two\r\nlines", "\n", ""])
    func eachReasonStaysOneReason(says: String) {
        let reasons = [Reason(rule: "R7", says: says), Reason(says: "next")]
        let read = ReasonText.decode(ReasonText.encode(reasons))
        let expected = String(decoding: says.utf8.map { $0 == 10 ? 32 : $0 }, as: UTF8.self)
        #expect(read == [Reason(rule: "R7", says: expected), Reason(says: "next")])
    }
}
