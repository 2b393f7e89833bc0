import Testing

@testable import OnewayCore

/// R12, R13: values in Marketo from a source that no longer applies, and a name that is reported as empty.
@Suite struct ReopenedTests {
    private static func opportunity(_ told: [(minute: Int64, values: [String: Value])]) -> Slice {
        var slice = Slice.of()
        for (minute, values) in told { slice.opportunity.learn(at: minute, values) }
        return slice
    }

    private static let day = Value.time(Timestamp(second: 1_772_409_600))
    private static let won: [String: Value] = [
        "statecode": .choice(1), "actualvalue": .money("100"), "actualclosedate": day,
    ]

    @Test func r12AReopenedOpportunityDoesNotKeepWonValues() throws {
        let before = Wanted(Self.opportunity([(1, Self.won)]))
        #expect(before.field("amount") == "100" && before.field("closeDate") == "\"2026-03-02\"")
        let reopened = Self.opportunity([(1, Self.won), (2, ["statecode": .choice(0)])])
        let after = Wanted(reopened, held: CurrentRecord.confirming(before.projections))
        #expect(after.field("amount") == "null" && after.field("closeDate") == "null")
        let reasons = after.reasons(after.opportunity)
        #expect(reasons.contains("R12: amount is cleared: actualvalue no longer applies"))
        #expect(reasons.contains("R12: closeDate is cleared: actualclosedate no longer applies"))
        let again = Wanted(reopened, held: CurrentRecord.confirming(after.projections))
        #expect(again.opportunity?.desired == after.opportunity?.desired, "it stays cleared, and is not sent again")
        #expect(Wanted(reopened).field("amount") == nil, "never sent to Marketo: nothing to clear")
    }

    @Test func r12AClearedValueIsSentWhenItIsReceived() {
        let before = CurrentRecord.confirming(Wanted(Self.opportunity([(1, Self.won)])).projections)
        let told: [String: Value] = [
            "statecode": .choice(0), "estimatedvalue": .money("70"), "estimatedclosedate": Self.day,
        ]
        let after = Wanted(Self.opportunity([(1, Self.won), (2, told)]), held: before)
        #expect(after.field("amount") == "70" && after.field("closeDate") == "\"2026-03-02\"")
    }

    @Test func r12ALostOpportunityKeepsItsCloseDateAndNotTheWonAmount() {
        let before = CurrentRecord.confirming(Wanted(Self.opportunity([(1, Self.won)])).projections)
        let after = Wanted(Self.opportunity([(1, Self.won), (2, ["statecode": .choice(2)])]), held: before)
        #expect(after.field("amount") == "null" && after.field("closeDate") == "\"2026-03-02\"")
    }

    @Test func r12WonValuesThatMayBeOnTheirWayAreClearedToo() {
        let sent = Wanted(Self.opportunity([(1, Self.won)])).projections
        let reopened = Self.opportunity([(1, Self.won), (2, ["statecode": .choice(0)])])
        for (isUnderWay, expected) in [(true, "null"), (false, nil)] {
            let held = sent.map {
                CurrentRecord($0.key, desired: $0.desired.record, confirmed: nil, isUnderWay: isUnderWay)
            }
            #expect(Wanted(reopened, held: held).field("amount") == expected)
        }
    }

    /// An amount that is unknown because another column is now mapped to it was not set by a status.
    @Test func r12AnUnknownEstimateOfAnOpenOneIsLeftOut() {
        let before = CurrentRecord.confirming(
            Wanted(Self.opportunity([(1, ["statecode": .choice(0), "estimatedvalue": .money("5")])])).projections
        )
        let other = Self.opportunity([(1, ["statecode": .choice(0)])])
        #expect(Wanted(other, held: before).field("amount") == nil)
    }

    @Test(arguments: [Value.null, .text(""), .text("  ")])
    func r13AClearedNameDoesNotHoldUpTheRest(_ name: Value) {
        let before = CurrentRecord.confirming(Wanted(Slice.of()).projections)
        let told: [String: Value] = ["name": name, "stepname": .text("2-Develop")]
        let after = Wanted(Self.opportunity([(1, told)]), held: before)
        #expect(after.opportunity?.desired.heldFor == nil)
        #expect(after.field("name") == nil && after.field("stage") == "\"2-Develop\"")
        #expect(after.text(after.opportunity)?.contains("\"name\"") == false, "left out, not cleared")
        #expect(after.reasons(after.opportunity).contains("R13: the name was reported empty"))
        let new = Wanted(Self.opportunity([(1, told)]))
        #expect(new.opportunity?.desired.heldFor == .name, "Marketo does not create it without a name")
    }

    /// Marketo may not have it yet, and would refuse it without the name.
    @Test func r13AClearedNameStaysWhileTheRecordIsInFlight() {
        let sent = Wanted(Slice.of()).projections
        let slice = Self.opportunity([(1, ["name": .null, "stepname": .text("2-Develop")])])
        for (isUnderWay, name) in [(true, "\"Pumps\""), (false, nil)] {
            let held = sent.map {
                CurrentRecord($0.key, desired: $0.desired.record, confirmed: nil, isUnderWay: isUnderWay)
            }
            let after = Wanted(slice, held: held)
            #expect(after.field("name") == name)
            #expect(after.opportunity?.desired.heldFor == (isUnderWay ? nil : .name))
        }
    }

    /// Another column is now mapped to the name, and is not known yet.
    @Test func r13ANameNotKnownIsLeftOutWhereMarketoHasOne() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("new_title", "name"), SelectedField("stepname", "stage")]
        let slice = Self.opportunity([(1, ["stepname": .text("2-Develop")])])
        let after = Wanted(slice, settings, held: CurrentRecord.confirming(Wanted(slice).projections))
        #expect(after.opportunity?.desired.heldFor == nil && after.field("stage") == "\"2-Develop\"")
        #expect(after.reasons(after.opportunity).contains("R13: no name is known: left out"))
        #expect(after.opportunity?.unknown == ["amount", "isClosed", "isWon", "name"], "and it is counted")
        #expect(Wanted(slice, settings).opportunity?.desired.heldFor == .name)
    }

    @Test func r7AnImageWithARowVersionMayContradictATarget() {
        let target = StampedValue(.choice(1), Stamp(second: 7, source: .target))
        let image = StampedValue(.choice(0), Stamp(second: 7, source: .postImage, rowVersion: 5))
        let plain = StampedValue(.choice(0), Stamp(second: 7, source: .postImage))
        let later = StampedValue(.choice(0), Stamp(second: 8, source: .postImage, rowVersion: 5))
        for (other, isUnsure) in [(image, true), (plain, false), (later, false)] {
            var (left, right) = (target, other)
            left.merge(other)
            right.merge(target)
            #expect(left == right && left.isUnsure == isUnsure)
        }
    }

    /// The image of the same change writes the amount with Dynamics' four decimals.
    @Test func r7TheSameAmountWithOtherDigitsIsNotUnsure() {
        var told = StampedValue(.money("1000"), Stamp(second: 7, source: .target))
        told.merge(StampedValue(.money("1000.0000"), Stamp(second: 7, source: .postImage, rowVersion: 5)))
        #expect(!told.isUnsure)
        told.merge(StampedValue(.money("1000.5"), Stamp(second: 7, source: .target)))
        #expect(told.isUnsure)
    }
}
