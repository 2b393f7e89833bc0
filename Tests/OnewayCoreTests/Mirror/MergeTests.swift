import TestSupport
import Testing

@testable import OnewayCore

/// R7: the merged state must not depend on order or repetition. Few seconds and few values, so that ties,
/// contradictions, and near-equal stamps are common.
@Suite struct MergeTests {
    static let seeds = Array(UInt64(1)...40)
    static let key = RecordKey(.opportunity, GUID(high: 1, low: 2))

    @Test(arguments: seeds) func r7StampsAreTotallyOrdered(_ seed: UInt64) {
        var random = Seeded(seed)
        let stamps = (0..<30).map { _ in Self.stamp(&random) }
        for left in stamps {
            for right in stamps {
                let relations = [left < right, left == right, right < left].filter { $0 }
                #expect(relations.count == 1, "seed \(seed): \(left) and \(right)")
                for third in stamps where left < right && right < third {
                    #expect(left < third, "seed \(seed): \(left), \(right), \(third)")
                }
            }
        }
    }

    /// Each member outweighs all after it, and an absent one is the lowest.
    @Test func r7TheTupleIsComparedInItsOrder() {
        func stamp(_ second: Int64, _ version: UInt64?, _ source: Stamp.Source, _ created: Int64?, _ depth: Int?)
            -> Stamp
        {
            let created = created.map { Timestamp(second: $0) }
            return Stamp(
                second: second,
                source: source,
                rowVersion: version,
                operationCreatedOn: created,
                depth: depth
            )
        }
        let ascending = [
            stamp(9, 9, .primaryName, 9, 9), stamp(9, 9, .preImage, 9, 9),
            stamp(1, 9, .target, 9, 9), stamp(2, nil, .target, 9, 9), stamp(2, 1, .target, 9, 9),
            stamp(2, 2, .postImage, 9, 9), stamp(2, 2, .target, nil, 9), stamp(2, 2, .target, 1, 9),
            stamp(2, 2, .target, 2, nil), stamp(2, 2, .target, 2, 1), stamp(2, 2, .target, 2, 2),
        ]
        #expect(ascending.dropFirst(2).reversed().sorted() == Array(ascending.dropFirst(2)))
        #expect(ascending.prefix(2).allSatisfy { filling in ascending.dropFirst(2).allSatisfy { filling < $0 } })
    }

    @Test(arguments: seeds) func r7ValuesAreTotallyOrdered(_ seed: UInt64) {
        var random = Seeded(seed)
        let values = (0..<30).map { _ in Self.anyValue(&random) }
        for left in values {
            for right in values {
                let relations = [left < right, left == right, right < left].filter { $0 }
                #expect(relations.count == 1, "seed \(seed): \(left) and \(right)")
                for third in values where left < right && right < third {
                    #expect(left < third, "seed \(seed): \(left), \(right), \(third)")
                }
            }
        }
    }

    @Test(arguments: seeds) func r7MergingIsAJoin(_ seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<100 {
            let (a, b, c) = (Self.record(&random), Self.record(&random), Self.record(&random))
            #expect(merged(a, a) == a, "seed \(seed)")
            #expect(merged(a, b) == merged(b, a), "seed \(seed)")
            #expect(merged(merged(a, b), c) == merged(a, merged(b, c)), "seed \(seed)")
            #expect(merged(merged(a, b), a) == merged(a, b), "seed \(seed)")
        }
    }

    @Test(arguments: seeds) func r7EveryOrderAndRepetitionEndsInTheSameBytes(_ seed: UInt64) {
        var random = Seeded(seed)
        let attributeSets = (0..<12).map { _ in Self.record(&random) }
        let expected = attributeSets.dropFirst().reduce(attributeSets[0], merged).encoded()
        for _ in 0..<20 {
            let shuffled = (attributeSets + attributeSets.shuffled(using: &random).prefix(4)).shuffled(using: &random)
            #expect(shuffled.dropFirst().reduce(shuffled[0], merged).encoded() == expected, "seed \(seed)")
        }
    }

    /// `isUnsure` agrees with the rule, computed the slow way from all values received.
    @Test(arguments: seeds) func r7UnsureIsWhatTheRuleSays(_ seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<200 {
            let attributeSets = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                (value: Value.choice(Int.random(in: 0...2, using: &random)), stamp: Self.stamp(&random))
            }
            var told = StampedValue(attributeSets[0].value, attributeSets[0].stamp)
            for attributeSet in attributeSets.dropFirst() {
                told.merge(StampedValue(attributeSet.value, attributeSet.stamp))
            }
            let newest = attributeSets.map(\.stamp).filter { $0.fills == told.stamp.fills }.map(\.second).max()
            let ofSecond = attributeSets.filter { $0.stamp.second == newest && $0.stamp.fills == told.stamp.fills }
            let sure = ofSecond.filter {
                $0.stamp.source == .target || $0.stamp.source == .postImage && $0.stamp.rowVersion != nil
            }
            let contradicted = sure.contains { left in
                sure.contains { right in
                    left.value != right.value && !(left.stamp.rowVersion != nil && right.stamp.rowVersion != nil)
                }
            }
            let isRead = ofSecond.contains { $0.stamp.source == .reading }
            #expect(told.isUnsure == (contradicted && !isRead), "seed \(seed): \(attributeSets)")
        }
    }

    @Test func threeValuesOfOneSecondAreUnsureInEveryOrder() {
        let attributeSets = [
            StampedValue(.number("1"), Stamp(second: 7, source: .target, rowVersion: 1)),
            StampedValue(.number("2"), Stamp(second: 7, source: .target)),
            StampedValue(.number("2"), Stamp(second: 7, source: .target, rowVersion: 2)),
        ]
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            var told = attributeSets[order[0]]
            for index in order.dropFirst() { told.merge(attributeSets[index]) }
            #expect(told.value == .number("2"))
            #expect(told.isUnsure)
        }
    }

    @Test func r7APreImageOnlyFillsWhatIsUnknown() {
        var told = StampedValue(.text("before"), Stamp(second: 900, source: .preImage, rowVersion: 99))
        told.merge(StampedValue(.text("told"), Stamp(second: 100, source: .target)))
        #expect(told.value == .text("told"))
    }

    @Test func lettersThatLookAlikeAreDifferentValues() {
        let (composed, decomposed) = (Value.text("\u{e9}"), Value.text("e\u{301}"))
        #expect(composed != decomposed)
        #expect((composed < decomposed) != (decomposed < composed))
    }

    @Test func r11OnlyALaterWordRevivesWhatWasDeleted() {
        var record = MirrorRecord(Self.key)
        record.markDeleted(atSecond: 100)
        record.learn("name", StampedValue(.text("late"), Stamp(second: 5_000, source: .target)))
        #expect(record.isDeleted)
        record.markRevived(atSecond: 100)
        #expect(record.isDeleted)
        record.markRevived(atSecond: 101)
        #expect(!record.isDeleted)
        record.markDeleted(atSecond: 99)
        #expect(!record.isDeleted)
        record.markDeleted(atSecond: 102)
        #expect(record.isDeleted)
    }

    @Test func r2WhatWasRefusedStaysRefusedUntilAllowed() {
        var record = MirrorRecord(Self.key)
        #expect(!record.isRefused)
        record.markRefused(Refusal(second: 9, user: GUID(high: 3, low: 3)))
        record.learn("name", StampedValue(.text("n"), Stamp(second: 5_000, source: .target)))
        #expect(record.isRefused)
        record.markAllowed(atSecond: 10)
        record.markRefused(Refusal(second: 11, user: GUID(high: 3, low: 3)))
        #expect(!record.isRefused)
        #expect(record.refusal?.second == 9, "the earliest refusal")
    }

    @Test(arguments: seeds) func theStoredFormComesBackWhole(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<100 {
            let record = merged(Self.record(&random), Self.record(&random))
            #expect(try MirrorRecord(decoding: record.encoded()) == record, "seed \(seed)")
        }
    }

    /// Written by the previous version: `customerid` and the lookups, reported at these minutes.
    static let older: [(told: [String: (Int64, Value)], account: Value?, contact: Value?)] = [
        (["customerid": (5, .null)], .null, .null),
        (
            ["customerid": (5, .null), "parentcontactid": (3, .contactC), "parentaccountid": (3, .accountA)], .null,
            .null
        ),
        (["customerid": (5, .null), "parentcontactid": (7, .contactC)], .null, .contactC),
        (
            ["customerid": (5, .contactC), "parentcontactid": (5, .contactC), "parentaccountid": (5, .accountA)], .null,
            .contactC
        ),
        (
            ["customerid": (5, .contactC), "parentcontactid": (5, .contactC), "parentaccountid": (6, .accountA)],
            .accountA, .contactC
        ),
        (
            ["customerid": (5, .accountA), "parentcontactid": (3, .contactC), "parentaccountid": (5, .null)], .accountA,
            .contactC
        ),
        (["parentcontactid": (3, .contactC)], nil, .contactC),
    ]

    @Test(arguments: older.indices) func recordsOfThePreviousVersionAreRepairedOnce(_ index: Int) throws {
        let older = Self.older[index]
        var record = MirrorRecord(Self.key)
        for (name, (minute, value)) in older.told { record.learn(at: minute, [name: value]) }
        var bytes = record.encoded()
        #expect(try MirrorRecord(decoding: bytes) == record, "the current format is unchanged")
        bytes[0] = 1
        let mended = try MirrorRecord(decoding: bytes)
        #expect(mended["parentaccountid"] == older.account && mended["parentcontactid"] == older.contact)
        #expect(mended.attributes["customerid"] == record.attributes["customerid"])
        bytes[0] = 4
        #expect(throws: MirrorRecordUnreadable.self) { try MirrorRecord(decoding: bytes) }
    }

    /// The empty account was received together with the contact; alone it would clear the account in Marketo.
    @Test func aForgottenCustomerLeavesNothingBehind() {
        let contact = RecordKey(.contact, .contactC)
        var record = Notice(5, ["customerid": .contactC, "name": .text("Pumps")]).fact
        var hasForgotten = record.forgetReferences(to: contact)
        #expect(hasForgotten && record.attributes.keys.sorted() == ["name"])
        record = Notice(5, ["customerid": .contactC]).fact
        record.merge(Notice(7, ["parentcontactid": .contact(Who.colleague)]).fact)
        hasForgotten = record.forgetReferences(to: contact)
        #expect(hasForgotten && record["parentaccountid"] == .null, "it makes the other contact the customer")
        hasForgotten = record.forgetReferences(to: contact)
        #expect(!hasForgotten)
    }

    @Test func theLastAttributeMayBeShorterThanTheTableOfStampsIsLong() throws {
        var record = MirrorRecord(Self.key)
        for name in (10...99).map({ "attribute\($0)" }) {
            record.learn(name, StampedValue(.null, Stamp(second: Int64(record.attributes.count), source: .target)))
            #expect(try MirrorRecord(decoding: record.encoded()) == record)
        }
    }

    @Test(arguments: seeds) func damagedBytesThrowAndNeverTrap(_ seed: UInt64) {
        var random = Seeded(seed)
        let record = merged(Self.record(&random), Self.record(&random))
        let whole = record.encoded()
        var uncut = record
        (uncut.cutAt, uncut.tentativeAt, uncut.isMentioned) = (nil, nil, false)
        // An earlier version ended where the newest addition would begin.
        for length in whole.indices where record.tentativeAt != nil || length != uncut.encoded().count {
            #expect(throws: MirrorRecordUnreadable.self) { try MirrorRecord(decoding: Array(whole[..<length])) }
        }
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? MirrorRecord(decoding: bytes)
        }
    }

    private func merged(_ left: MirrorRecord, _ right: MirrorRecord) -> MirrorRecord {
        var left = left
        left.merge(right)
        return left
    }

    static func stamp(_ random: inout Seeded) -> Stamp {
        let source = random.pick([Stamp.Source.target, .target, .target, .postImage, .preImage, .primaryName, .reading])
        return Stamp(
            second: Int64.random(in: -1...1, using: &random),
            source: source,
            rowVersion: random.chance(2) ? UInt64.random(in: 1...2, using: &random) : nil,
            operationCreatedOn: random.chance(2) ? Timestamp(milliseconds: .random(in: -1...1, using: &random)) : nil,
            depth: random.chance(2) ? Int.random(in: 1...2, using: &random) : nil
        )
    }

    static func anyValue(_ random: inout Seeded) -> Value {
        let small = Int.random(in: -1...1, using: &random)
        return random.pick([
            .null, .bool(small > 0), .number("\(small).50"), .money("922337203685477.5807"),
            .text(random.pick(["", "a", "\u{e9}", "e\u{301}", "Straße"])), .time(Timestamp(milliseconds: Int64(small))),
            .reference(entity: random.pick(["account", "contact"]), id: GUID(high: 1, low: UInt64(small + 1))),
            .choice(small), .choices([small, 5]), .choices([]),
        ])
    }

    static func record(_ random: inout Seeded) -> MirrorRecord {
        var record = MirrorRecord(key)
        for name in ["name", "customerid", "statecode"] where !random.chance(3) {
            record.learn(
                name,
                StampedValue(anyValue(&random), stamp(&random), random.pick([.modifiedOn, .arrival, .operation]))
            )
        }
        if random.chance(5) { record.markDeleted(atSecond: .random(in: 0...2, using: &random)) }
        if random.chance(5) { record.markRevived(atSecond: .random(in: 0...2, using: &random)) }
        if random.chance(5) { record.markAllowed(atSecond: .random(in: 0...2, using: &random)) }
        if random.chance(5) {
            let user = GUID(high: 0, low: .random(in: 0...1, using: &random))
            record.markRefused(Refusal(second: .random(in: 0...2, using: &random), user: user))
        }
        if random.chance(5) { record.markCut(atSecond: .random(in: 0...2, using: &random)) }
        if random.chance(5) { record.markTentative(atSecond: .random(in: 0...2, using: &random)) }
        if random.chance(2) { record.markMentioned() }
        return record
    }
}
