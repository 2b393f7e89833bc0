import Configuration
import OnewayCore
import Service
import Store

/// `oneway fields`: how an operator finds the columns to select.
enum Fields {
    static func run(_ configuration: String?, isJSON: Bool) async -> Int32 {
        do {
            let settings = try Settings.source(configuration).read(toServe: false).configuration
            let store = try StoreFile.open(settings.store)
            let survey = try await FieldSurvey(settings, store: store)
            await store.close()
            print(
                isJSON
                    ? String(decoding: survey.json.encoded, as: UTF8.self)
                    : lines(survey, .standardOutput).joined(separator: "\n")
            )
            return 0
        } catch {
            return Terminal.complain(error)
        }
    }

    static func lines(_ survey: FieldSurvey, _ screen: Screen) -> [String] {
        let count = survey.notifications
        let from = "from \(count) kept notification\(count == 1 ? "" : "s") of opportunities"
        let selected = survey.columns.filter { !$0.fields.isEmpty }
        return ["Columns of opportunity, \(from)"]
            + section("Selected, and seen", selected.filter { $0.seen > 0 }, screen)
            + section("Selected, and never seen: does the step send them?", selected.filter { $0.seen == 0 }, screen)
            + section("Seen, and not selected", survey.columns.filter(\.fields.isEmpty), screen)
    }

    private static func section(_ title: String, _ columns: [FieldSurvey.Column], _ screen: Screen) -> [String] {
        if columns.isEmpty { return [] }
        var table = Table("COLUMN", "MARKETO FIELD", "SEEN", "HOLDS")
        for column in columns {
            let shape = column.shape.description
            let holds = shape.isEmpty && column.seen > 0 ? "always empty" : shape
            let seen = column.seen == 0 ? "" : "\(column.seen)"
            table.add(column.name, column.fields.joined(separator: ", "), seen, holds)
        }
        return ["", title] + table.lines(width: screen.width - 2).map { "  \($0)" }
    }
}
