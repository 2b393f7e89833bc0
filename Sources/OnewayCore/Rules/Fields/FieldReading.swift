/// R3: reads the fields of one opportunity and collects the reasons that concern them.
struct FieldReading {
    let slice: Slice
    let settings: RuleSettings
    /// Selected fields whose values are not known yet.
    var unknown: [String] = []
    var reasons: [Reason] = []
    /// Whether Marketo's requirement of a name is met.
    private(set) var hasName = false

    init(_ slice: Slice, _ settings: RuleSettings) {
        self.slice = slice
        self.settings = settings
    }

    var opportunity: MirrorRecord { slice.opportunity }

    func isTold(_ column: String) -> Bool { opportunity.attributes[column] != nil }

    /// Nil means left out: unknown, or of a kind that this field cannot hold.
    mutating func value(of field: SelectedField) -> JSON? {
        guard let told = opportunity.attributes[field.column] else {
            unknown.append(field.field)
            return nil
        }
        if told.isUnsure {
            reasons.append(
                Reason(rule: "R7", says: "\(field.column) was reported with two values in one second: unsure")
            )
        }
        guard let converted = converted(told, field) else {
            reasons.append(Reason(rule: "R3", says: "\(field.column) cannot be converted for \(field.field): left out"))
            return nil
        }
        guard case .string(let text) = converted else { return converted }
        return fitting(text, field.field)
    }

    private func converted(_ told: StampedValue, _ field: SelectedField) -> JSON? {
        if told.value.isNull { return .null }
        if case .reference(let entity, let id) = told.value, field.conversion == .lookup(by: .name) {
            return name(of: entity, id, field.column)
        }
        return (field.conversion ?? .implied(by: told.value, in: field.column)).convert(told.value)
    }

    /// Marketo stores an empty text as null; sending null keeps equal records equal.
    private mutating func fitting(_ text: String, _ field: String) -> JSON {
        let lengthMax = settings.textLengthsMax[field] ?? RuleSettings.textLengthMax
        let cut = cut(text, for: field, to: lengthMax, &reasons)
        if field == "name" { hasName = cut.contains { !$0.isWhitespace } }
        return cut.isEmpty ? .null : .string(cut)
    }

    /// From the mirror; for other tables, the name last reported with a look-up to the same record.
    private func name(of entity: String, _ id: GUID, _ column: String) -> JSON? {
        let name: Value? =
            switch entity {
            case "account": slice.accounts[id]?["name"]
            case "contact": slice.contacts[id]?["fullname"]
            default:
                LookupName(opportunity[LookupName.column(of: column)]).flatMap { $0.id == id ? .text($0.name) : nil }
            }
        return name.flatMap(SelectedField.Conversion.text.convert)
    }
}

/// R3: what a field of Marketo can hold of a text, and why.
func cut(
    _ text: String,
    for field: String,
    to lengthMax: Int = RuleSettings.textLengthMax,
    _ reasons: inout [Reason]
) -> String {
    let cut = cut(text, to: lengthMax)
    if cut != text {
        reasons.append(Reason(rule: "R3", says: "\(field) is cut to Marketo's limit of \(lengthMax) characters"))
    }
    return cut
}

/// Cut between user-perceived characters. Marketo may count code points or UTF-16 units: the latter are never fewer.
func cut(_ text: String, to lengthMax: Int) -> String {
    guard text.utf16.count > lengthMax else { return text }
    var cut = ""
    var length = 0
    for character in text {
        length += character.utf16.count
        if length > lengthMax { break }
        cut.append(character)
    }
    return cut
}
