import OnewayCore
import Testing

@Suite struct QuestionLedgerTests {
    private static let key = RecordKey(.contact, GUID(high: 1, low: 1))

    private static func after(_ row: Question?, at second: Int64, _ asked: QuestionReason) -> Question? {
        var rows = Ledger.Questions(row.map { [$0] } ?? [], by: \.key)
        Ledger.ask([key: asked], in: &rows, now: Timestamp(second: second))
        return rows[key]
    }

    private static func answered(_ row: Question?, at second: Int64, next: Int64? = nil) -> Question? {
        var rows = Ledger.Questions(row.map { [$0] } ?? [], by: \.key)
        let answer = QuestionAnswer(key, says: "x", nextAt: next.map { Timestamp(second: $0) })
        Ledger.answer([answer], in: &rows, now: Timestamp(second: second))
        return rows[key]
    }

    @Test func opensOnceAndIsAnswered() throws {
        let new = try #require(Self.after(nil, at: 5, .unknown))
        #expect(new.nextAt == Timestamp(second: 5) && new.isOpen)
        #expect(Self.after(new, at: 9, .unknown) == new)
        #expect(Self.after(new, at: 9, .cut) == new, "it is asked for anyway")
        let answered = try #require(Self.answered(new, at: 10))
        #expect(!answered.isOpen && answered.askedAt == Timestamp(second: 10) && answered.answer == "x")
    }

    /// No transaction lasts longer than two minutes.
    @Test func whatATransactionToldIsAskedForWhenItIsOver() throws {
        let new = try #require(Self.after(nil, at: 5, .tentative))
        #expect(new.nextAt == Timestamp(second: 155))
        let hurried = try #require(Self.after(new, at: 9, .refresh))
        #expect(hurried.nextAt == Timestamp(second: 9))
        let again = try #require(Self.after(Self.answered(hurried, at: 10), at: 10, .tentative))
        #expect(again.nextAt == Timestamp(second: 160))
        let repeated = try #require(Self.after(Self.answered(again, at: 160), at: 170, .tentative))
        #expect(repeated.nextAt == Timestamp(second: 320), "the pause before the same again is shorter")
    }

    /// A column that Dynamics never gives is not asked for without end.
    @Test func theSameAgainWaitsLongerEachTime() throws {
        var row = Self.after(nil, at: 0, .incomplete)
        var waits: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<15 {
            row = Self.answered(row, at: now)
            row = Self.after(row, at: now, .incomplete)
            let next = try #require(row?.nextAt).second
            waits.append(next - now)
            now = next
        }
        #expect(waits == waits.sorted() && waits[0] == 60 && waits.last == 86_400)
    }

    @Test func anotherReasonAndAnOperatorAreAskedAtOnce() throws {
        var row = Self.answered(Self.after(nil, at: 0, .incomplete), at: 1)
        row = Self.after(row, at: 2, .cut)
        #expect(row?.nextAt == Timestamp(second: 2) && row?.attempts == 0)
        row = Self.answered(row, at: 3, next: 900)
        #expect(row?.isOpen == true)
        #expect(Self.after(row, at: 4, .refresh)?.nextAt == Timestamp(second: 4))
        let held = Self.answered(Self.after(row, at: 4, .refresh), at: 4, next: 900)
        #expect(held?.attempts == 0, "a failure is not an answer")
        #expect(Self.after(held, at: 5, .refresh)?.nextAt == Timestamp(second: 5), "an operator does not wait for it")
        row = Self.answered(Self.after(row, at: 4, .refresh), at: 5)
        #expect(Self.after(row, at: 6, .refresh)?.nextAt == Timestamp(second: 6), "as often as an operator wants")
    }

    @Test func anAnswerToNobodysQuestionIsIgnored() { #expect(Self.answered(nil, at: 1) == nil) }
}
