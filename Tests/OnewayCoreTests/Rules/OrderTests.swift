import TestSupport
import Testing

@testable import OnewayCore

/// R7 through the rules: the same facts in any order, any number of times, result in the same Marketo records.
///
/// Few ids, few seconds, and every way in which the facts of one opportunity can contradict each other.
@Suite struct OrderTests {
    @Test(arguments: Array(UInt64(1)...80)) func r7OrderAndRepetitionDoNotMatter(_ seed: UInt64) {
        var random = Seeded(seed)
        let settings = Self.settings(&random)
        let facts = (0..<24).map { _ in Self.fact(&random) }
        let expected = Self.replayed(facts, settings)
        for _ in 0..<12 {
            let again = (facts + facts.shuffled(using: &random).prefix(6)).shuffled(using: &random)
            let result = Self.replayed(again, settings)
            #expect(result == expected, "seed \(seed)")
        }
    }

    /// Projects after every fact, with the outbox's records at that point, as the service does; only the end counts.
    private static func replayed(_ facts: [MirrorRecord], _ settings: RuleSettings) -> [String: String] {
        let book = RuleBook(settings)
        var mirror: [RecordKey: MirrorRecord] = [:]
        var outbox: [DeliveryKey: [UInt8]?] = [:]
        for fact in facts {
            mirror[fact.key, default: MirrorRecord(fact.key)].merge(fact)
            var slice = Slice(mirror[RecordKey(.opportunity, Who.opportunity)] ?? Slice.of().opportunity)
            for record in mirror.values where record.key.entity != .opportunity { slice.add(record) }
            let held = outbox.map { CurrentRecord($0.key, desired: $0.value, confirmed: nil) }
            for projection in book.project(slice, held: held) where !projection.key.kind.isShared {
                outbox[projection.key] = .some(projection.desired.record)
            }
            for contact in mirror.values where contact.key.entity == .contact {
                let person = book.person(contact, slice.accounts) { _ in true }
                outbox[person.key] = .some(person.desired.record)
            }
        }
        let wanted = outbox.compactMapValues { $0.map { String(decoding: $0, as: UTF8.self) } }
        return Dictionary(uniqueKeysWithValues: wanted.map { ("\($0.key)", $0.value) })
    }

    static func settings(_ random: inout Seeded) -> RuleSettings {
        var settings = named(random.pick(["Customer", "Champion"]))
        settings.onNoLongerMatching = .withdraw
        settings.linksPeople = random.chance(2)
        settings.formContactRole = random.chance(2) ? nil : "Influencer"
        settings.sendsSalesPersons = random.chance(2)
        if random.chance(3) { settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true)) }
        return settings
    }

    static func fact(_ random: inout Seeded) -> MirrorRecord {
        let accounts = [Who.account, Who.other].map(Value.account)
        let contacts = [Who.contact, Who.colleague].map(Value.contact)
        let id = random.pick([Who.connection, Who.second])
        switch Int.random(in: 0..<10, using: &random) {
        case 0...4: return opportunity(&random, accounts, contacts)
        case 5, 6:
            let contact = random.pick([Who.contact, Who.colleague])
            let column = random.chance(4) ? "masterid" : "parentcustomerid"
            let value = column == "masterid" ? random.pick(contacts) : random.pick(accounts + contacts + [.null])
            return attributeSet(RecordKey(.contact, contact), [column: value], &random)
        case 7:
            let key = RecordKey(.account, random.pick([Who.account, Who.other]))
            return attributeSet(key, ["name": .text(random.pick(["Contoso", "Fabrikam"]))], &random)
        default:
            let values: [(String, Value)] = [
                ("record1id", .opportunity(Who.opportunity)), ("record2id", random.pick(contacts + accounts)),
                ("record2roleid", random.pick([.null, .reference(entity: "connectionrole", id: Who.championRole)])),
                ("statecode", .choice(random.chance(4) ? 1 : 0)),
            ]
            let told = values.filter { _ in !random.chance(4) }
            return attributeSet(RecordKey(.connection, id), Dictionary(told) { first, _ in first }, &random)
        }
    }

    private static let owners: [Value] = [
        .reference(entity: "systemuser", id: Who.third), .reference(entity: "systemuser", id: Who.other),
        .reference(entity: "team", id: Who.third), .null,
    ]

    private static func opportunity(_ random: inout Seeded, _ accounts: [Value], _ contacts: [Value]) -> MirrorRecord {
        let values: [(String, Value)] = [
            ("customerid", random.pick(accounts + contacts + [.null])),
            ("parentaccountid", random.pick(accounts + [.null])),
            ("parentcontactid", random.pick(contacts + [.null])), ("statecode", .choice(random.pick([0, 1, 2]))),
            ("estimatedvalue", .money(random.pick(["1", "2"]))), ("actualvalue", random.pick([.null, .money("3")])),
            ("ownerid", random.pick(owners)), ("name", .text(random.pick(["Pumps", "Valves"]))),
            ("new_sync", .bool(!random.chance(5))),
        ]
        let told = values.filter { _ in random.chance(3) }
        let key = RecordKey(.opportunity, Who.opportunity)
        var fact = attributeSet(key, Dictionary(told) { first, _ in first }, &random)
        if random.chance(12) {
            fact.markRefused(Refusal(second: Int64.random(in: 0...3, using: &random), user: Who.third))
        }
        if random.chance(6) { fact.markAllowed(atSecond: Int64.random(in: 0...3, using: &random)) }
        return fact
    }

    /// The facts of a notification with these values, including all that follow from the customer or its absence.
    private static func attributeSet(_ key: RecordKey, _ values: [String: Value], _ random: inout Seeded)
        -> MirrorRecord
    {
        var attributeSet = AttributeSet(source: random.pick([.target, .postImage, .preImage]))
        attributeSet.attributes = values.sorted { $0.key < $1.key }.map { Attribute(name: $0.key, value: $0.value) }
        attributeSet.rowVersion = random.pick([nil, 1, 2])
        let change = RecordChange(key: key, kind: random.chance(6) ? .created : .updated, attributeSets: [attributeSet])
        let second = Int64.random(in: 0...3, using: &random)
        var record = change.facts(Envelope(), receivedAt: Timestamp(second: second))
        if random.chance(15) { record.markDeleted(atSecond: Int64.random(in: 0...3, using: &random)) }
        if random.chance(15) { record.markRevived(atSecond: Int64.random(in: 0...3, using: &random)) }
        return record
    }
}
