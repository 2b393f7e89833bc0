import OnewayCore
import Sandbox
import Testing

@testable import DataverseClient

/// Pages, changes, and definitions, from the stand-in.
@Suite struct ReadingTests {
    @Test func pagesFollowEachOther() async throws {
        try await withDataverse { client, dataverse in
            dataverse.grow(opportunities: 2500)
            let selection = try await client.selection(.opportunity)
            var page = try await client.page(selection).get()
            var (ids, pages) = (page.rows.map(\.key.id), 1)
            while let next = page.next {
                page = try await client.page(next, selection).get()
                ids += page.rows.map(\.key.id)
                pages += 1
            }
            #expect(pages == 3 && Set(ids) == Set(dataverse.ids("opportunity")) && Set(ids).count == ids.count)
        }
    }

    @Test func aRangeOfTimesIncludesItsBeginningOnly() async throws {
        try await withDataverse { client, dataverse in
            let selection = try await client.selection(.account)
            let all = try await client.page(selection).get().rows
            let times = Set(all.compactMap(\.modifiedOn)).sorted()
            let (first, last) = (try #require(times.first), try #require(times.last))
            let page = try await client.page(matching: RowQuery(from: first, to: last), selection).get()
            #expect(page.rows == all.filter { $0.modifiedOn ?? last < last })
            let rest = try await client.page(matching: RowQuery(from: last), selection).get()
            #expect(rest.rows == all.filter { $0.modifiedOn == last })
        }
    }

    @Test func changesAreToldOnceWithDeletions() async throws {
        try await withDataverse { client, dataverse in
            dataverse.grow(opportunities: 1500)
            let selection = try await client.selection(.opportunity)
            var page = try #require(try await client.changes(selection).get().page)
            var rows = page.found.rows
            while case .page(let next) = page.next {
                page = try #require(try await client.changes(next, selection).get().page)
                rows += page.found.rows
            }
            #expect(Set(rows.map(\.key.id)) == Set(dataverse.ids("opportunity")) && page.deleted.isEmpty)
            guard case .later(let later) = page.next else { return }

            let (changed, gone) = (rows[0].key.id, rows[1].key.id)
            try await dataverse.update("opportunity", changed, ["name": "Awning"])
            try await dataverse.delete("opportunity", gone)
            page = try #require(try await client.changes(later, selection).get().page)
            #expect(page.found.rows.map(\.key.id) == [changed] && page.found.rows[0].columns["name"] == .text("Awning"))
            #expect(page.deleted == [gone] && page.found.unreadable == 0)
            #expect(page.found.rows[0].rowVersion ?? 0 > rows.compactMap(\.rowVersion).max() ?? .max)

            dataverse.expireChanges()
            guard case .success(.expired) = await client.changes(later, selection) else {
                Issue.record("the link should have expired")
                return
            }
        }
    }

    @Test func aTableWithoutTrackingSaysSo() async throws {
        try await withDataverse { client, dataverse in
            let stale = try await client.selection(.contact)
            dataverse.setChangeTracking("contact", false)
            let fresh = try await client.selection(.contact)
            #expect(!fresh.table.tracksChanges)
            for selection in [stale, fresh] {
                guard case .success(.notTracked) = await client.changes(selection) else {
                    Issue.record("it is not tracked")
                    return
                }
            }
        }
    }

    @Test func aTableIsDescribed() async throws {
        try await withDataverse { client, dataverse in
            try dataverse.add(CustomColumn("new_region", label: "Region", .text(lengthMax: 40)), to: "contact")
            let table = try await client.table(.contact, withLengths: true).get()
            #expect(table.label == "Contact" && table.tracksChanges)
            #expect(
                table.columns["new_region"] == ColumnDefinition("new_region", .text, label: "Region", lengthMax: 40)
            )
            #expect(table.columns["description"]?.lengthMax == 2000)
            #expect(
                table.columns["parentcustomerid"]
                    == ColumnDefinition("parentcustomerid", .lookup, label: "Company Name")
            )
            #expect(try await client.table(.contact).get().columns["new_region"]?.lengthMax == nil)
        }
    }

    @Test func rolesHaveNames() async throws {
        try await withDataverse { client, dataverse in
            let roles = try await client.connectionRoles().get()
            #expect(Set(roles.map(\.id)) == Set(dataverse.ids("connectionrole")))
            let stakeholder = try #require(roles.first { $0.id == Company.stakeholderRole })
            #expect(stakeholder.name == "Stakeholder" && stakeholder.category == 1000)
        }
    }

    /// A reading from the second of a change is not believed, and one from a later second is.
    @Test func aRowSettlesWithTime() async throws {
        try await withDataverse { client, dataverse in
            let id = try await dataverse.create("account", ["name": "Proseware"])
            let selection = try await client.selection(.account)
            var isSettled = false
            while !isSettled {
                guard case .row(let row, let readAt) = try await client.row(id, selection).get() else {
                    Issue.record("it exists")
                    return
                }
                isSettled = row.isSettled(readAt: readAt)
                #expect((MirrorRecord(row: row, readAt: readAt) != nil) == isSettled)
            }
        }
    }
}
