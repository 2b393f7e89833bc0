public import Configuration
public import OnewayCore
import Reading

/// A field for which the mapping and Marketo's own description of an opportunity disagree.
public struct Misfit: Hashable, Sendable {
    public let field: String
    public let says: String
    public let remedy: String
    /// No value arrives; otherwise some may not.
    public let isLost: Bool
}

public enum MappingFit {
    /// Returns the misfits in the order of their fields' names.
    public static func misfits(_ settings: Configuration, _ fields: MarketoFields) -> [Misfit] {
        sent(RuleSettings(settings)).sorted { $0.field < $1.field }.compactMap { judge($0, fields) }
    }

    /// The form in which a field is sent; nil: that of its Dynamics column, which only its values show.
    struct Sent {
        let field: String
        let column: String
        let form: Form?
        var lengthMax: Int?
    }

    enum Form: String {
        case text, number, whole, yesNo = "yes or no", day, time
    }

    static func sent(_ rules: RuleSettings) -> [Sent] {
        var sent = [
            Sent(field: "externalOpportunityId", column: "opportunityid", form: .text, lengthMax: 36),
            Sent(field: "externalCompanyId", column: "customerid", form: .text, lengthMax: 36),
            Sent(field: "amount", column: rules.amount.open, form: .number),
            Sent(field: "isClosed", column: "statecode", form: .yesNo),
            Sent(field: "isWon", column: "statecode", form: .yesNo),
        ]
        if rules.sendsSalesPersons {
            let field = RecordKind.salesPerson.identifyingField
            sent.append(Sent(field: field, column: "ownerid", form: .text, lengthMax: 36))
        }
        if rules.fields == nil { sent.append(Sent(field: "closeDate", column: "estimatedclosedate", form: .day)) }
        for selected in rules.fields ?? SelectedField.byDefault where !rules.ruledFields.contains(selected.field) {
            let form = Form(selected.conversion)
            let lengthMax = rules.textLengthsMax[selected.field] ?? RuleSettings.textLengthMax
            sent.append(
                Sent(
                    field: selected.field,
                    column: selected.column,
                    form: form,
                    lengthMax: form == nil || form == .text ? lengthMax : nil
                )
            )
        }
        return sent
    }

    private static func judge(_ sent: Sent, _ fields: MarketoFields) -> Misfit? {
        guard let field = fields.byName[sent.field] else {
            return Misfit(
                field: sent.field,
                says: "Marketo's opportunities have no field \(sent.field): \(sent.column) is left out",
                remedy: "create it in Marketo, or map \(sent.column) to one that `oneway fields` lists",
                isLost: true
            )
        }
        guard field.isUpdateable || fields.dedupeFields.contains(sent.field) else {
            return Misfit(
                field: sent.field,
                says: "Marketo does not allow writing \(sent.field): \(sent.column) is left out",
                remedy: "map \(sent.column) to another field",
                isLost: true
            )
        }
        if let form = sent.form, !form.fits(field.dataType) {
            return Misfit(
                field: sent.field,
                says: "\(sent.field) is sent as \(form.rawValue), and Marketo's field is a \(field.dataType)",
                remedy: "set `as` for \(sent.column) in `fields`, or map it to another field",
                isLost: false
            )
        }
        if let lengthMax = sent.lengthMax, field.isText, let length = field.length, length < lengthMax {
            return Misfit(
                field: sent.field,
                says:
                    "\(sent.field) takes \(length) characters, and up to \(lengthMax) are sent: longer ones are refused",
                remedy: "make it longer in Marketo, or map \(sent.column) to another field",
                isLost: false
            )
        }
        return nil
    }
}

extension MarketoFields.Field {
    fileprivate var isText: Bool { MappingFit.Form.texts.contains(dataType) }
}

extension MappingFit.Form {
    static let texts: Set = ["string", "text", "email", "url", "phone", "textarea"]

    init?(_ conversion: SelectedField.Conversion?) {
        switch conversion {
        case nil: return nil
        case .text, .lookup, .choices: self = .text
        case .choice(let labels): self = labels.isEmpty ? .whole : .text
        case .money, .decimal: self = .number
        case .whole: self = .whole
        case .yesNo: self = .yesNo
        case .date: self = .day
        case .dateTime: self = .time
        }
    }

    /// An unknown kind of field is not judged; a text field accepts numbers too.
    func fits(_ dataType: String) -> Bool {
        let takes: [String: Set<Self>] = [
            "integer": [.whole], "score": [.whole], "float": [.whole, .number], "currency": [.whole, .number],
            "percent": [.whole, .number], "boolean": [.yesNo], "date": [.day], "datetime": [.time],
        ]
        if Self.texts.contains(dataType) { return self != .yesNo }
        return takes[dataType]?.contains(self) ?? true
    }
}
