import Testing

@testable import OnewayCore

@Suite struct DiscoveryTests {
    private static let key = RecordKey(.opportunity, GUID(high: 1, low: 1))
    private static let contact = RecordKey(.contact, GUID(high: 2, low: 1))

    private static func record(
        _ key: RecordKey = key,
        _ values: [String: Value] = [:],
        second: Int64 = 100,
        source: Stamp.Source = .target
    ) -> MirrorRecord {
        var record = MirrorRecord(key)
        for (name, value) in values { record.learn(name, StampedValue(value, Stamp(second: second, source: source))) }
        return record
    }

    private static func read(_ key: RecordKey = key, _ values: [String: Value], second: Int64 = 200) -> MirrorRecord {
        var record = record(key, values, second: second, source: .reading)
        record.markRevived(atSecond: second)
        return record
    }

    private static func found(
        _ before: MirrorRecord?,
        _ fact: MirrorRecord,
        others: [RecordKey: MirrorRecord] = [:]
    ) -> Discovery? {
        var after = before ?? MirrorRecord(fact.key)
        after.merge(fact)
        return Discovery(before: before, after: after, others: others)
    }

    @Test func whatWasToldIsNoDiscovery() {
        let known = Self.record(Self.key, ["estimatedvalue": .money("5"), "name": .text("A")])
        #expect(
            Self.found(known, Self.read(Self.key, ["estimatedvalue": .money("5.0000"), "name": .text("A")])) == nil
        )
        let time = Timestamp(milliseconds: 1_000_400)
        let created = Self.record(Self.key, ["createdon": .time(time)])
        #expect(Self.found(created, Self.read(Self.key, ["createdon": .time(Timestamp(second: 1_000))])) == nil)
        #expect(Self.found(known, Self.read(Self.key, ["stepname": .text("new")])) == nil, "it was never to be told")
    }

    @Test func updatesNameTheirColumns() {
        let known = Self.record(Self.key, ["name": .text("A"), "estimatedvalue": .money("5")])
        let found = Self.found(known, Self.read(Self.key, ["name": .text("B"), "estimatedvalue": .money("6")]))
        #expect(found?.what == .updated && found?.columns == ["estimatedvalue", "name"])
        #expect(found?.modifiedAt == Timestamp(second: 200))
        let older = Self.found(known, Self.read(Self.key, ["name": .text("B")], second: 50))
        #expect(older == nil, "a newer value was told")
    }

    @Test func whatNoNotificationWasAboutIsCreated() {
        let read = Self.read(Self.key, ["name": .text("B")])
        for before in [nil, MirrorRecord(Self.key)] { #expect(Self.found(before, read)?.what == .created) }
        var mentioned = MirrorRecord(Self.key)
        mentioned.markMentioned()
        #expect(Self.found(mentioned, read) == nil)
    }

    @Test func deletionsAndRevivals() {
        var gone = MirrorRecord(Self.key)
        gone.markDeleted(atSecond: 300)
        let known = Self.record(Self.key, ["name": .text("A")])
        #expect(Self.found(known, gone)?.what == .deleted)
        #expect(Self.found(nil, gone) == nil)
        var deleted = known
        deleted.merge(gone)
        #expect(Self.found(deleted, gone) == nil)
        #expect(Self.found(deleted, Self.read(Self.key, ["name": .text("A")], second: 301))?.what == .restored)
        #expect(Self.found(deleted, Self.read(Self.key, ["name": .text("A")], second: 299)) == nil)
    }

    /// Dynamics does these without a notification.
    @Test func consequencesAreNotCounted() {
        let customer = Value.reference(entity: "contact", id: Self.contact.id)
        let known = Self.record(Self.key, ["customerid": customer])
        let cleared = Self.read(Self.key, ["customerid": .null])
        #expect(Self.found(known, cleared)?.columns == ["customerid"])
        var gone = MirrorRecord(Self.contact)
        gone.markDeleted(atSecond: 150)
        #expect(Self.found(known, cleared, others: [Self.contact: gone]) == nil)
        let winner = Value.reference(entity: "contact", id: GUID(high: 2, low: 2))
        let merged = Self.record(Self.contact, ["masterid": winner])
        #expect(Self.found(known, Self.read(Self.key, ["customerid": winner]), others: [Self.contact: merged]) == nil)

        let connection = RecordKey(.connection, GUID(high: 4, low: 1))
        let stakeholder = Self.record(connection, ["record1id": .reference(entity: "opportunity", id: Self.key.id)])
        var removed = MirrorRecord(connection)
        removed.markDeleted(atSecond: 300)
        #expect(Self.found(stakeholder, removed)?.what == .deleted)
        var opportunity = MirrorRecord(Self.key)
        opportunity.markDeleted(atSecond: 150)
        #expect(Self.found(stakeholder, removed, others: [Self.key: opportunity]) == nil)
    }

    @Test func everyCauseSaysSomethingElse() {
        #expect(Set(Discovery.Cause.allCases.map(\.says)).count == Discovery.Cause.allCases.count)
    }
}
