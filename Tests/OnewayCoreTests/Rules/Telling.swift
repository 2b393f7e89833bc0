@testable import OnewayCore

/// The people of these tests.
enum Who {
    static let opportunity = GUID(high: 0x0, low: 1)
    static let (account, other, third) = (GUID(high: 0xa, low: 1), GUID(high: 0xa, low: 2), GUID(high: 0xa, low: 3))
    static let (contact, colleague) = (GUID(high: 0xc, low: 1), GUID(high: 0xc, low: 2))
    static let (connection, second) = (GUID(high: 0xd, low: 1), GUID(high: 0xd, low: 2))
    static let championRole = GUID(high: 0xe, low: 1)
}

extension Value {
    static func account(_ id: GUID) -> Value { .reference(entity: "account", id: id) }
    static func contact(_ id: GUID) -> Value { .reference(entity: "contact", id: id) }
    static func opportunity(_ id: GUID) -> Value { .reference(entity: "opportunity", id: id) }
}

/// A record that received these values at this minute.
func record(_ entity: Entity, _ id: GUID, at minute: Int64 = 0, _ values: [String: Value]) -> MirrorRecord {
    var record = MirrorRecord(RecordKey(entity, id))
    record.learn(at: minute, values)
    return record
}

extension MirrorRecord {
    mutating func learn(at minute: Int64, _ values: [String: Value]) {
        for (name, value) in values { learn(name, StampedValue(value, Stamp(second: minute * 60, source: .target))) }
    }
}

extension Slice {
    /// An opportunity with a name and the given values.
    static func of(_ values: [String: Value] = [:], _ others: MirrorRecord...) -> Slice {
        let values = values.merging(["name": .text("Pumps")]) { told, _ in told }
        var slice = Slice(record(.opportunity, Who.opportunity, values))
        for other in others { slice.add(other) }
        return slice
    }
}

/// The rules without a store: all that is known is at hand.
extension RuleBook {
    /// The opportunities that these facts affect directly. Finding others that depend on them takes a store.
    func concerned(by facts: [MirrorRecord]) -> [GUID] {
        let concerned = facts.flatMap { fact -> Set<GUID> in
            if case .opportunities(let ids) = reach(through: fact) { ids } else { [] }
        }
        return Set(concerned).sorted()
    }

    /// Everything that these records say about one opportunity.
    func slice(of opportunity: GUID, in records: [RecordKey: MirrorRecord]) -> Slice {
        let key = RecordKey(.opportunity, opportunity)
        var slice = Slice(records[key] ?? MirrorRecord(key))
        for record in records.values where concerned(by: [record]) == [opportunity] { slice.add(record) }
        var found = true
        while found {
            let next = missing(in: slice).compactMap { records[$0] }
            for record in next { slice.add(record) }
            found = !next.isEmpty
        }
        return slice
    }

    /// The changes in Marketo that follow from these facts alone, if nothing else were known and Marketo were empty.
    func changes(by facts: [MirrorRecord]) -> [Change] {
        let records = Dictionary(facts.map { ($0.key, $0) }) { first, _ in first }
        return concerned(by: facts).flatMap { Change.between(project(slice(of: $0, in: records)), []) }
    }
}

/// The desired records, in a form that is easy to read in a test.
struct Wanted {
    let projections: [DesiredRecord]

    init(_ slice: Slice, _ settings: RuleSettings = RuleSettings(), held: [CurrentRecord] = []) {
        projections = RuleBook(settings).project(slice, held: held)
    }

    subscript(_ kind: RecordKind, _ text: String) -> DesiredRecord? {
        projections.first { $0.key == DeliveryKey(kind, text) }
    }

    var opportunity: DesiredRecord? { projections.first { $0.key.kind == .opportunity } }

    /// Contact and role name of each desired role, with a star for the primary one.
    var roles: [String] {
        projections.filter { $0.key.kind == .role && $0.desired.record != nil }.map { projection in
            let star = text(projection)?.contains(#""isPrimary":true"#) ?? false ? "*" : ""
            return projection.key.text.split(separator: "/", maxSplits: 1).last.map { $0 + star } ?? ""
        }
    }

    var withdrawn: [DeliveryKey] { projections.filter { $0.desired.record == nil }.map(\.key) }

    /// The value sent for a field; nil: left out.
    func field(_ name: String) -> String? {
        guard let record = opportunity?.desired.record, let value = try? JSONDocument(record).root[name] else {
            return nil
        }
        return String(decoding: record, as: UTF8.self).contains("\"\(name)\":\"")
            ? value.string.map { "\"\($0)\"" }
            : value.number ?? value.bool?.description ?? (value.isNull ? "null" : nil)
    }

    /// All reasons of a projection, `rule: says`, one per line.
    func reasons(_ projection: DesiredRecord?) -> String {
        (projection?.desired.reasons ?? []).map { "\($0.rule ?? "-"): \($0.says)" }.joined(separator: "\n")
    }

    func text(_ projection: DesiredRecord?) -> String? {
        projection?.desired.record.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension CurrentRecord {
    /// The outbox's records once Marketo has confirmed these.
    static func confirming(_ projections: [DesiredRecord]) -> [CurrentRecord] {
        projections.map { CurrentRecord($0.key, desired: $0.desired.record, confirmed: $0.desired.record) }
    }
}
