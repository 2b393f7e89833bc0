import OnewayCore
import Sandbox
import Testing

@testable import DataverseClient

/// The client and the stand-in for Dataverse were written independently: these tests run them together.
@Suite struct ClientMeetsSandboxTests {
    @Test func everyTableIsReadAsTheMirrorKeepsIt() async throws {
        try await withDataverse { client, dataverse in
            let identity = try await client.whoAmI().get()
            #expect(abs(try #require(identity.clockDifferenceSeconds)) < 30 && !identity.organization.isZero)
            for entity in Entity.allCases {
                let selection = try await client.selection(entity)
                #expect(selection.missing.isEmpty && selection.table.tracksChanges)
                let page = try await client.page(selection).get()
                #expect(Set(page.rows.map(\.key.id)) == Set(dataverse.ids(entity.rawValue)))
                #expect(page.next == nil && page.unreadable == 0)
                for row in page.rows {
                    let wanted = (columns[entity] ?? []).filter { DynamicsRow.lookup(namedBy: $0) == nil }
                    #expect(Set(row.columns.keys) == wanted && row.rowVersion != nil && row.modifiedOn != nil)
                }
            }
        }
    }

    @Test func aRowHasTheTypesOfItsColumns() async throws {
        try await withDataverse { client, dataverse in
            let account = try #require(dataverse.ids("account").first)
            let id = try await dataverse.create(
                "opportunity",
                [
                    "name": .text("Café €"), "customerid": .lookup(RowReference("account", account)),
                    "estimatedvalue": .money("1234.5"), "closeprobability": .number("60"),
                    "estimatedclosedate": .day(Timestamp(second: 1_800_057_600)), "opportunityratingcode": .choice(2),
                ]
            )
            let selection = try await client.selection(.opportunity)
            let row = try #require(try await client.row(id, selection).get().row)
            #expect(row.columns["name"] == .text("Café €"))
            #expect(row.columns["customerid"] == .reference(entity: "account", id: account))
            #expect(row.columns["estimatedvalue"] == .money("1234.5"))
            #expect(row.columns["closeprobability"] == .number("60"))
            #expect(row.columns["estimatedclosedate"] == .time(Timestamp(second: 1_800_057_600)))
            #expect(row.columns["opportunityratingcode"] == .choice(2))
            #expect(row.columns["actualvalue"] == .null && row.columns["statecode"] == .choice(0))
            #expect(row.lookupNames.keys.sorted() == ["ownerid"] && row.createdBy == Company.salesPerson)
            #expect(row.columns["createdon"] == row.modifiedOn.map { .time($0) })

            try await dataverse.delete("opportunity", id)
            guard case .success(.notFound) = await client.row(id, selection) else {
                Issue.record("it should be gone")
                return
            }
        }
    }

    @Test func aThousandIdsCostFewRequests() async throws {
        try await withDataverse { client, dataverse in
            dataverse.grow(opportunities: 1000)
            let selection = try await client.selection(.opportunity)
            let ids = Array(dataverse.ids("opportunity").prefix(1000))
            let gone = try #require(GUID("00000000-0000-0000-0000-0000000000aa"))
            let before = dataverse.measured.calls.count
            let found = try await client.rows(ids + [gone], selection).get()
            #expect(Set(found.rows.map(\.row.key.id)) == Set(ids) && found.missing == [gone])
            #expect(
                dataverse.measured.calls.count - before == 12,
                "eleven lists, and alone the one they left out"
            )
        }
    }
}
