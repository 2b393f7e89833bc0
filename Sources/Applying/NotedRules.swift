import OnewayCore

/// The rules of a run, as stored for the next run to compare.
struct NotedRules: Equatable {
    /// Raised when a version finds other look-ups backwards: those of contacts and connections are then written again.
    private static let references = 2

    let bytes: [UInt8]

    init(_ book: RuleBook) {
        let columns = book.columns.map { ($0.key.rawValue, JSON.array($0.value.sorted().map(JSON.string))) }
        let noted: JSON = [
            "settings": book.settings.json, "columns": .sorted(columns), "references": .int(Self.references),
        ]
        bytes = noted.encoded
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Whether people were linked to companies.
    var linksPeople: Bool { (try? JSONDocument(bytes).root["settings"]?["linksPeople"]?.bool) == true }

    /// Whether the look-ups of contacts and connections were stored as they are now.
    var hasSameReferences: Bool { (try? JSONDocument(bytes).root["references"]?.int) == Self.references }

    /// The columns that were selected of a table; nil if the note does not say.
    func columns(of entity: Entity) -> Set<String>? {
        guard let columns = try? JSONDocument(bytes).root["columns"]?[entity.rawValue] else { return nil }
        return Set(columns.elements.compactMap(\.string))
    }
}

extension RuleSettings {
    /// Equal settings have equal bytes, in every run.
    fileprivate var json: JSON {
        [
            "customerRole": .string(customerRole), "stakeholderRole": .string(stakeholderRole),
            "roleNames": .sorted(roleNames.map { ("\($0.key)", .string($0.value)) }),
            "readsRoleNames": .bool(readsRoleNames),
            "amount": [.string(amount.open), .string(amount.won)],
            "onDelete": .string("\(onDelete)"), "onNoLongerMatching": .string("\(onNoLongerMatching)"),
            "syncWhen": syncWhen.map { [.string($0.column), .string("\($0.equals)")] } ?? .null,
            "fields": fields.map { .array($0.map(\.canonical)) } ?? .null, "leadColumn": .string(leadColumn),
            "createsLeads": .bool(createsLeads),
            "textLengthsMax": .sorted(textLengthsMax.map { ($0.key, .int($0.value)) }),
            "linksPeople": .bool(linksPeople), "formContactRole": .optional(formContactRole),
            "sendsSalesPersons": .bool(sendsSalesPersons),
        ]
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
