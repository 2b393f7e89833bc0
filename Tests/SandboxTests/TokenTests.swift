import OnewayCore
import Testing

@testable import Sandbox

@Suite struct TokenTests {
    @Test func oneTokenLivesUntilItRunsOut() {
        var tokens = Tokens(lifeSeconds: 100)
        let first = tokens.give(now: anytime)
        #expect(first.secondsLeft == 100)
        let later = Timestamp(second: anytime.second + 40)
        #expect(tokens.give(now: later) == (first.text, 60))
        #expect(tokens.refusal(of: first.text, now: later) == nil)

        let end = Timestamp(second: anytime.second + 100)
        #expect(tokens.refusal(of: first.text, now: end)?.code == "602")
        #expect(tokens.refusal(of: first.text, now: end)?.code == "601")
        let second = tokens.give(now: end)
        #expect(second.text != first.text && second.secondsLeft == 100)
        #expect(tokens.refusal(of: second.text, now: end) == nil)
        #expect(tokens.refusal(of: first.text, now: end)?.code == "601")
        #expect(tokens.given == 3)
    }

    @Test(arguments: [(nil, "603"), ("", "603"), ("made up", "601")]) func othersAreRefused(
        token: String?,
        code: String
    ) {
        var tokens = Tokens(lifeSeconds: 100)
        _ = tokens.give(now: anytime)
        #expect(tokens.refusal(of: token, now: anytime)?.code == code)
    }

    @Test func expiringEndsTheTokenNow() {
        var tokens = Tokens(lifeSeconds: 100)
        tokens.expire()
        let token = tokens.give(now: anytime).text
        tokens.expire()
        #expect(["602", "601"] == (0..<2).map { _ in tokens.refusal(of: token, now: anytime)?.code })
    }
}
