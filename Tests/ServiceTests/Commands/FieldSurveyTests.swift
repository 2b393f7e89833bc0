import Foundation
import OnewayCore
import Store
import Testing

@testable import Applying
@testable import Configuration
@testable import oneway

/// The findings of `oneway fields`.
@Suite struct FieldSurveyTests {
    private static func survey(_ settings: Configuration = Configuration()) async throws -> FieldSurvey {
        let store = MemoryStore()
        var body = ProjectorTests.opportunity(1)
        body.attributes += [
            ("new_code", #""secret words""#), ("new_size", "12.750"), ("new_kind", Body.option(3)),
            ("new_gone", "null"),
            ("new_owner", Body.reference("team", ProjectorTests.other)), ("new_flag", "true"),
        ]
        var other = ProjectorTests.opportunity(2)
        other.attributes.append(("new_code", #""x""#))
        for body in [body, ProjectorTests.contactOf(ProjectorTests.account), other] {
            let entry = InboxEntry(
                identity: Array(body.id.utf8),
                InboxLabels(
                    .accepted,
                    entity: body.entity
                ),
                body: body.bytes
            )
            _ = try await store.append(entry, now: ProjectorTests.now)
        }
        return try await FieldSurvey(settings, store: store)
    }

    @Test func columnsAreFoundWithTheirShapes() async throws {
        let survey = try await Self.survey()
        #expect(survey.notifications == 2)
        let columns = Dictionary(uniqueKeysWithValues: survey.columns.map { ($0.name, $0) })
        let shapes = columns.mapValues(\.shape.description)
        #expect(shapes["new_code"] == "text of up to 12 characters")
        #expect(shapes["new_size"] == "number, 3 decimals")
        #expect(shapes["new_kind"] == "choice")
        #expect(shapes["new_owner"] == "look-up to team")
        #expect(shapes["new_flag"] == "yes/no")
        #expect(shapes["new_gone"] == "")
        #expect((columns["new_code"]?.seen, columns["new_size"]?.seen) == (2, 1))
        #expect(columns["name"]?.fields == ["name"] && columns["new_code"]?.fields == [])
        #expect(columns["stepname"]?.seen == 0 && columns["stepname"]?.fields == ["stage"])
        #expect(columns["parentcustomerid"] == nil, "contacts are another table")
    }

    @Test func theMappingOfTheConfigurationCounts() async throws {
        var settings = Configuration()
        settings.fields = [
            FieldMapping(column: "new_code", field: "code"), FieldMapping(column: "new_code", field: "code2"),
        ]
        settings.rules.amount.open = "new_size"
        settings.rules.syncWhen = .init()
        settings.rules.syncWhen?.attribute = "new_flag"
        let survey = try await Self.survey(settings)
        let fields = Dictionary(uniqueKeysWithValues: survey.columns.map { ($0.name, $0.fields) })
        #expect(fields["new_code"] == ["code", "code2"])
        #expect(fields["new_size"] == ["amount"])
        #expect(fields["new_flag"] == ["(rules.syncWhen)"])
        #expect(fields["stepname"] == nil)
    }

    /// Shows no value, only its form.
    @Test func theTextSortsThemAndHidesValues() async throws {
        let survey = try await Self.survey()
        let text = Fields.lines(survey, Screen(width: 100, now: ProjectorTests.now)).joined(separator: "\n")
        let sections = text.components(separatedBy: "\n\n").map {
            $0.split(separator: "\n").first.map(String.init) ?? ""
        }
        #expect(
            sections == [
                "Columns of opportunity, from 2 kept notifications of opportunities", "Selected, and seen",
                "Selected, and never seen: does the step send them?", "Seen, and not selected",
            ]
        )
        #expect(text.contains(/new_gone +1 +always empty/))
        #expect(!text.contains("secret words"))
        #expect(!String(decoding: survey.json.encoded, as: UTF8.self).contains("secret words"))
    }
}
