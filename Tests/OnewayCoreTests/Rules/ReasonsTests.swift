import TestSupport
import Testing

@testable import OnewayCore

/// Properties of every result under every rule: it has a reason, and depends only on selected columns.
@Suite struct ReasonsTests {
    private static func slice(_ random: inout Seeded) -> Slice {
        var slice = Slice.of()
        for _ in 0..<24 {
            let fact = OrderTests.fact(&random)
            var record = slice.opportunity.key == fact.key ? slice.opportunity : MirrorRecord(fact.key)
            record.merge(fact)
            slice.add(record)
        }
        return slice
    }

    @Test(arguments: UInt64(500)..<560) func everyOutcomeCarriesItsReasonsWithTheirRules(_ seed: UInt64) {
        var random = Seeded(seed)
        let book = RuleBook(OrderTests.settings(&random))
        let before = book.project(Self.slice(&random))
        let after = book.project(Self.slice(&random), held: CurrentRecord.confirming(before))
        for projection in before + after {
            #expect(!projection.desired.reasons.isEmpty, "seed \(seed), \(projection.key)")
            for reason in projection.desired.reasons {
                #expect(reason.rule != nil && !reason.says.isEmpty, "seed \(seed), \(projection.key)")
            }
        }
    }

    /// R3: an unselected column decides nothing, so it need not be kept.
    @Test(arguments: UInt64(600)..<660) func r3NothingFollowsFromWhatIsNotSelected(_ seed: UInt64) {
        var random = Seeded(seed)
        let book = RuleBook(OrderTests.settings(&random))
        var slice = Self.slice(&random)
        let expected = book.project(slice)
        for (entity, columns) in book.columns {
            switch entity {
            case .opportunity: slice.opportunity.keepOnly(columns)
            case .contact: for id in slice.contacts.keys { slice.contacts[id]?.keepOnly(columns) }
            case .account: for id in slice.accounts.keys { slice.accounts[id]?.keepOnly(columns) }
            case .connection: for index in slice.connections.indices { slice.connections[index].keepOnly(columns) }
            case .systemUser: for id in slice.users.keys { slice.users[id]?.keepOnly(columns) }
            }
        }
        #expect(book.project(slice) == expected, "seed \(seed)")
    }

    @Test func r3ForgettingColumnsLeavesTheRestOfARecord() {
        var before = record(.opportunity, Who.opportunity, ["name": .text("Pumps"), "new_note": .text("secret")])
        before.markDeleted(atSecond: 5)
        before.markRefused(Refusal(second: 1, user: Who.third))
        before.markAllowed(atSecond: 2)
        var after = before
        after.keepOnly(["name", "stepname"])
        #expect(after["new_note"] == nil)
        after.learn(at: 0, ["new_note": .text("secret")])
        #expect(after == before)
    }

    @Test func r3AnUnselectedFieldIsLeftOutAndNotCleared() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("name", "name")]
        let slice = Slice.of(["stepname": .text("1-Qualify"), "description": .text("long")])
        let wanted = Wanted(slice, settings, held: CurrentRecord.confirming(Wanted(slice).projections))
        #expect(wanted.field("name") == "\"Pumps\"")
        for field in ["stage", "description", "closeDate", "probability"] { #expect(wanted.field(field) == nil) }
    }

    @Test func r3UnknownValuesAreCountedWhereTheyWouldBeSent() {
        let book = RuleBook(RuleSettings())
        let bare = record(.opportunity, Who.opportunity, ["name": .text("Pumps")])
        #expect(book.unknownFields(of: bare) == RuleBook(RuleSettings()).project(Slice(bare))[0].unknown.count)
        #expect(book.unknownFields(of: bare) == 8)
        var told = bare
        told.learn(at: 1, ["stepname": .text("1-Qualify"), "statecode": .choice(0), "description": .null])
        #expect(book.unknownFields(of: told) == 4)
        var deleted = bare
        deleted.markDeleted(atSecond: 1)
        var refused = bare
        refused.markRefused(Refusal(second: 1, user: Who.third))
        #expect([deleted, refused].map(book.unknownFields) == [0, 0])
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        told.learn(at: 1, ["new_sync": .bool(false)])
        #expect(RuleBook(settings).unknownFields(of: told) == 0)
    }

    @Test func whatIsGoneOrTakesAPlaceIsSaid() {
        func says(_ record: MirrorRecord) -> [String] {
            RuleBook(RuleSettings()).remarks(on: [record]).map { "\($0.rule ?? ""): \($0.says)" }
        }
        func deleted(_ record: MirrorRecord) -> MirrorRecord {
            var record = record
            record.markDeleted(atSecond: 1)
            return record
        }
        let ends: [String: Value] = ["record1id": .opportunity(Who.opportunity), "record2id": .contact(Who.contact)]
        let mirrored: [String: Value] = [
            "record1id": .contact(Who.contact), "record2id": .opportunity(Who.opportunity),
        ]
        let connection = record(.connection, Who.connection, ends)
        #expect(says(connection).isEmpty)
        #expect(says(deleted(connection)) == ["R10: the connection was deleted: the role it gave is withdrawn"])
        #expect(
            says(record(.connection, Who.connection, ends.merging(["statecode": .choice(1)]) { $1 }))
                == ["R10: the connection is inactive: the role it gave is withdrawn"]
        )
        #expect(says(deleted(record(.connection, Who.second, mirrored))).first?.contains("mirror row") == true)
        #expect(says(deleted(record(.opportunity, Who.opportunity, [:]))).first?.hasPrefix("R11") == true)
        #expect(says(deleted(record(.contact, Who.contact, [:]))).first?.contains("it no longer has any roles") == true)
        #expect(says(deleted(record(.account, Who.account, [:]))).first?.contains("now have no account") == true)
        let loser = record(.contact, Who.colleague, ["masterid": .contact(Who.contact)])
        #expect(
            says(loser).first
                == "R11: contact \(Who.colleague) was merged into contact \(Who.contact), which takes its place"
        )
        #expect(says(MirrorRecord(RecordKey(.contact, Who.contact))).isEmpty, "it contains nothing")
    }
}
