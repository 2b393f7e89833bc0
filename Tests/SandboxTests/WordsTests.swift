import OnewayCore
import Testing

@testable import Sandbox

/// Faults answer in Marketo's own words for each code.
@Suite struct WordsTests {
    @Test(arguments: [
        ("608", "API Temporarily Unavailable"), ("611", "System error"), ("713", "Transient Error"),
        ("718", "ExternalSalesPersonID not found"), ("1003", "Invalid data"),
        ("1009", "Partition name must be specified"), ("1036", "Duplicate object found in input"),
    ])
    func eachCodeHasItsWords(code: String, message: String) {
        #expect(MarketoFailure(code).message == message)
    }

    @Test func anUnknownCodeDoesNotPretend() {
        #expect(MarketoFailure("9999").message == "(Marketo documents no words for this code)")
    }

    /// Every code that the forwarding treats in a way of its own can be tried with its words.
    @Test func everyCodeThatIsTreatedIsKnown() {
        let treated = ErrorDisposition.codes.filter { $0.count > 2 }
        #expect(treated.allSatisfy { MarketoFailure.documented[$0] != nil })
    }
}
