import Applying
import Configuration
import DataverseClient
import Forwarding
import OnewayCore
import Store

/// `oneway fields`: how an operator finds the columns to select.
enum Fields {
    static func run(_ configuration: String?, isJSON: Bool) async -> Int32 {
        do {
            let settings = try Settings.source(configuration).read(toServe: false).configuration
            let store = try StoredData.open(settings.store)
            let survey = try await FieldSurvey(settings, store: store)
            await store.close()
            let marketo =
                settings.marketo.isConnected ? await MarketoSurvey.opportunityFields(settings.marketo) : nil
            let dynamics = await DynamicsSurvey.opportunity(settings)
            if isJSON {
                Terminal.print(json: survey.json(beside: marketo, in: dynamics).encoded)
            } else {
                print(lines(survey, beside: marketo, in: dynamics, .standardOutput).joined(separator: "\n"))
            }
            return 0
        } catch {
            return Terminal.complain(error)
        }
    }

    /// `marketo` and `dynamics`: their descriptions of opportunities; nil if not connected.
    static func lines(
        _ survey: FieldSurvey,
        beside marketo: MarketoSurvey.SurveyAnswer<MarketoFields>? = nil,
        in dynamics: DataverseOutcome<TableDefinition>? = nil,
        _ screen: Screen
    ) -> [String] {
        let known = Known(
            fields: (try? marketo?.get())?.byName ?? [:],
            columns: (try? dynamics?.get())?.columns ?? [:]
        )
        let count = survey.notifications
        let from = "from \(Wording.count(count, "kept notification")) of opportunities"
        let selected = survey.columns.filter { !$0.fields.isEmpty }
        return ["Columns of opportunity, \(from)"]
            + section("Selected, and seen", selected.filter { $0.seen > 0 }, known, screen)
            + section(
                "Selected, and never seen: does the step send them?",
                selected.filter { $0.seen == 0 },
                known,
                screen
            )
            + section("Seen, and not selected", survey.columns.filter(\.fields.isEmpty), known, screen)
            + rest(of: marketo, without: Set(survey.columns.flatMap(\.fields)), screen)
            + silence(of: dynamics)
    }

    /// The descriptions of both sides, by name.
    private struct Known {
        let fields: [String: MarketoFields.Field]
        let columns: [String: ColumnDefinition]
    }

    private static func silence(of dynamics: DataverseOutcome<TableDefinition>?) -> [String] {
        guard case .failure(let failure) = dynamics else { return [] }
        return ["", "Dynamics does not describe its opportunities (\(failure.says.printable)): see oneway check"]
    }

    private static func section(
        _ title: String,
        _ columns: [FieldSurvey.Column],
        _ known: Known,
        _ screen: Screen
    ) -> [String] {
        if columns.isEmpty { return [] }
        var table = Table("COLUMN", "MARKETO FIELD", "SEEN", "HOLDS", "IN DYNAMICS")
        for column in columns {
            let shape = column.shape.description
            let holds = shape.isEmpty && column.seen > 0 ? "always empty" : shape
            let seen = column.seen == 0 ? "" : "\(column.seen)"
            let fields = column.fields.map { field in known.fields[field].map { "\(field) (\($0.kind))" } ?? field }
            let own = known.columns[column.name]?.described ?? (known.columns.isEmpty ? "" : "no such column")
            table.add(column.name, fields.joined(separator: ", "), seen, holds, own)
        }
        return ["", title] + table.lines(on: screen, inset: 2).map { "  \($0)" }
    }

    /// Marketo's fields that no column fills.
    private static func rest(
        of marketo: MarketoSurvey.SurveyAnswer<MarketoFields>?,
        without mapped: Set<String>,
        _ screen: Screen
    ) -> [String] {
        switch marketo {
        case nil: return []
        case .failure(let trouble):
            return ["", "Marketo does not describe its opportunities (\(trouble.code.printable)): see oneway check"]
        case .success(let fields):
            let free = fields.byName.values.filter { $0.isUpdateable && !mapped.contains($0.name) }
            if free.isEmpty { return [] }
            var table = Table("MARKETO FIELD", "KIND", "SHOWN AS")
            for field in free.sorted(by: { $0.name < $1.name }) { table.add(field.name, field.kind, field.displayName) }
            let title = "Marketo's other fields of opportunities, which no column fills"
            return ["", title] + table.lines(on: screen, inset: 2).map { "  \($0)" }
        }
    }
}

extension MarketoFields.Field {
    /// Such as `string 255`.
    var kind: String { length.map { "\(dataType) \($0)" } ?? dataType }
}

extension ColumnDefinition {
    /// Such as `Topic (text 300)`.
    var described: String {
        let kind = lengthMax.map { "\(type.rawValue) \($0)" } ?? type.rawValue
        return label.map { "\($0) (\(kind))" } ?? kind
    }

    fileprivate var json: JSON {
        [
            "column": .string(name), "label": .optional(label), "type": .string(type.rawValue),
            "length": lengthMax.map(JSON.int) ?? .null,
        ]
    }
}

extension FieldSurvey {
    /// `dynamics` is all of the table's columns by name; null if it does not say, absent if it is not connected. With `marketo`, by name: kind, length, and whether it may be written; null if it does not say.
    func json(
        beside marketo: MarketoSurvey.SurveyAnswer<MarketoFields>? = nil,
        in dynamics: DataverseOutcome<TableDefinition>? = nil
    ) -> JSON {
        let fields = (try? marketo?.get())?.byName.values.sorted { $0.name < $1.name }
        let described = fields?.map { field -> JSON in
            [
                "field": .string(field.name), "kind": .string(field.dataType),
                "length": field.length.map(JSON.int) ?? .null, "updateable": .bool(field.isUpdateable),
            ]
        }
        guard case .object(let members) = json else { return json }
        let columns = dynamics.map { outcome -> JSON.Member in
            let columns = (try? outcome.get())?.columns.values.sorted { $0.name < $1.name }
            return JSON.Member("dynamics", columns.map { .array($0.map(\.json)) } ?? .null)
        }
        return .object(
            members + [JSON.Member("marketo", described.map(JSON.array) ?? .null)] + (columns.map { [$0] } ?? [])
        )
    }
}
