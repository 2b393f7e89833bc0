import Glibc
import OnewayCore

/// Measures notifications per second on one core through merging and the rules, without decoding and without a store,
/// on a mirror of synthetic opportunities, each with its contact, account, and stakeholders. Independent of the mirror's
/// size, apart from cache effects.
@main struct Main {
    static let rounds = 200_000

    static func main() {
        for opportunities in CommandLine.arguments.dropFirst().compactMap({ Int($0) }) { run(opportunities) }
        if CommandLine.arguments.count < 2 { for opportunities in [1000, 100_000] { run(opportunities) } }
    }

    private static func run(_ opportunities: Int) {
        let book = RuleBook(RuleSettings())
        var slices = (0..<opportunities).map(slice)
        var held = slices.map { slice in
            book.project(slice).map { CurrentRecord($0.key, desired: $0.desired.record, confirmed: $0.desired.record) }
        }
        var changed = 0
        let start = seconds()
        for round in 0..<rounds {
            let index = round &* 7_919 % opportunities
            slices[index].opportunity.merge(update(of: slices[index].opportunity.key, round))
            let projections = book.project(slices[index], held: held[index])
            changed += Change.between(projections, held[index]).count
            held[index] = projections.map {
                CurrentRecord($0.key, desired: $0.desired.record, confirmed: $0.desired.record)
            }
        }
        let elapsed = seconds() - start
        print(
            "rules opportunities=\(opportunities) notifications/s=\(Int(Double(rounds) / elapsed)) changed=\(changed)"
        )
    }

    private static func slice(_ number: Int) -> Slice {
        let id = { (kind: UInt64, part: Int) in GUID(high: kind, low: UInt64(number * 8 + part)) }
        let opportunity = RecordKey(.opportunity, id(1, 0))
        let (contact, account) = (RecordKey(.contact, id(2, 0)), RecordKey(.account, id(3, 0)))
        var slice = Slice(update(of: opportunity, 0))
        slice.opportunity.merge(
            attributeSet(opportunity, 0, ["customerid": .reference(entity: "contact", id: contact.id)])
        )
        slice.add(attributeSet(contact, 0, ["parentcustomerid": .reference(entity: "account", id: account.id)]))
        slice.add(attributeSet(account, 0, ["name": .text("Account \(number)")]))
        for part in 1...2 {
            let connection: [String: Value] = [
                "record1id": .reference(entity: "opportunity", id: opportunity.id),
                "record2id": .reference(entity: "contact", id: id(2, part)),
            ]
            slice.add(attributeSet(RecordKey(.connection, id(4, part)), 0, connection))
        }
        return slice
    }

    private static func update(of key: RecordKey, _ round: Int) -> MirrorRecord {
        let values: [String: Value] = [
            "name": .text("Quay lighting, second stage"), "stepname": .text("2-Develop"),
            "closeprobability": .number("\(round % 100)"), "estimatedvalue": .money("\(round).0000"),
            "statecode": .choice(0), "estimatedclosedate": .time(Timestamp(second: 1_743_379_200)),
            "createdon": .time(Timestamp(second: 1_735_686_000)), "description": .text("Six lamps, two poles."),
        ]
        return attributeSet(key, Int64(round), values)
    }

    private static func attributeSet(_ key: RecordKey, _ second: Int64, _ values: [String: Value]) -> MirrorRecord {
        var record = MirrorRecord(key)
        for (name, value) in values { record.learn(name, StampedValue(value, Stamp(second: second, source: .target))) }
        return record
    }

    private static func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
