import OnewayCore
import Store

/// Rules that changed since the last run change what follows from the mirror: all of it is projected again, in steps
/// like those of any far-reaching change. What comes out equal is left alone.
extension Projector {
    /// Stands for all opportunities among the records whose change is passed on, and is the last of them.
    static let everything = RecordKey(.account, GUID(high: .max, low: .max))
    private static let note = "rules"

    /// To be called once, before anything is projected.
    func noticeChangedRules(now: Timestamp) async throws(StoreError) {
        let rules = book.settings.canonical
        if try await store.note(Self.note) == rules { return }
        var application = Application(basis: try await store.mirrorVersion())
        application.stale = [StaleRecord(Self.everything)]
        // In this order: a crash in between projects once more than needed, never once less.
        try await store.apply(application, now: now)
        try await store.setNote(Self.note, rules)
    }

    /// Other rules may follow other look-ups too, so the references are written anew.
    func addEverything(
        after cursor: GUID?,
        limit: Int,
        to application: inout Application
    ) async throws(StoreError) {
        let records = try await store.records(of: .opportunity, after: cursor, limit: limit)
        application.records += records.map(stored)
        application.wishes += try await wishes(for: records.map(\.key.id), lane: .slow)
        if records.count == limit, let last = records.last {
            application.stale.append(StaleRecord(Self.everything, after: last.key.id))
        } else {
            application.fresh.append(Self.everything)
        }
    }
}

extension RuleSettings {
    /// Equal settings have equal bytes, whatever the run.
    var canonical: [UInt8] {
        let settings: JSON = [
            "customerRole": .string(customerRole), "stakeholderRole": .string(stakeholderRole),
            "roleNames": .sorted(roleNames.map { ("\($0.key)", .string($0.value)) }),
            "amount": [.string(amount.open), .string(amount.won)],
            "onDelete": .string("\(onDelete)"), "onNoLongerMatching": .string("\(onNoLongerMatching)"),
            "syncWhen": syncWhen.map { [.string($0.column), .string("\($0.equals)")] } ?? .null,
            "fields": fields.map { .array($0.map(\.canonical)) } ?? .null, "leadColumn": .string(leadColumn),
            "createsLeads": .bool(createsLeads),
            "textLengthsMax": .sorted(textLengthsMax.map { ($0.key, .int($0.value)) }),
        ]
        return settings.encoded
    }
}

extension SelectedField {
    fileprivate var canonical: JSON {
        [.string(column), .string(field), conversion?.canonical ?? .null]
    }
}

extension SelectedField.Conversion {
    fileprivate var canonical: JSON {
        let labelled = { (name: String, labels: [Int: String], separator: String?) -> JSON in
            [.string(name), .sorted(labels.map { ("\($0.key)", .string($0.value)) }), .optional(separator)]
        }
        return switch self {
        case .choice(let labels): labelled("choice", labels, nil)
        case .choices(let labels, let separator): labelled("choices", labels, separator)
        default: .string("\(self)")
        }
    }
}

extension JSON {
    fileprivate static func sorted(_ members: [(String, JSON)]) -> JSON {
        .object(members.sorted { $0.0 < $1.0 }.map { Member($0.0, $0.1) })
    }
}
