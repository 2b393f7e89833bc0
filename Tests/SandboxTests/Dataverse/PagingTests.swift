import OnewayCore
import Testing

@testable import Sandbox

@Suite struct PagingTests {
    /// All names of a column, page by page.
    private func walk(
        _ dataverse: inout Dataverse,
        _ query: String,
        size: Int,
        _ column: String,
        between: (inout Dataverse, Int) throws -> Void = { _, _ in }
    ) throws -> [[String]] {
        var pages: [[String]] = []
        var next: String? = query
        while let target = next {
            let answer = dataverse.ask("GET", target, prefer: "odata.maxpagesize=\(size)")
            #expect(answer.status == 200, "\(answer.json)")
            pages.append(answer.rows.compactMap { $0[column] })
            next = answer.link("nextLink")
            try between(&dataverse, pages.count)
        }
        return pages
    }

    @Test(arguments: [
        "contacts?$select=fullname", "contacts?$select=fullname&$orderby=lastname desc",
        "contacts?$select=fullname&$orderby=_parentcustomerid_value,createdon", "contacts?$select=fullname&$top=2",
    ])
    func pagesHoldEveryRowOnce(query: String) throws {
        var dataverse = Dataverse()
        let pages = try walk(&dataverse, query, size: 3, "fullname")
        #expect(pages.map(\.count) == [3, 3, 3, 1], "$top does not count beside a page size")
        #expect(Set(pages.flatMap { $0 }).count == 10)
        let all = dataverse.ask("GET", query.replacing("&$top=2", with: "")).rows.compactMap { $0["fullname"] }
        #expect(pages.flatMap { $0 } == all)
    }

    @Test func rowsThatGoBetweenPagesTakeNobodyWithThem() throws {
        var dataverse = Dataverse()
        let gone = (1...3).map { Company.contact($0) }
        let pages = try walk(&dataverse, "contacts?$select=fullname", size: 3, "fullname") { dataverse, page in
            guard page == 1 else { return }
            for id in gone { _ = try dataverse.apply(.delete(table: "contact", id)) }
        }
        #expect(pages.map(\.count) == [3, 3, 3, 1])
    }

    @Test func filtersStayFromPageToPage() throws {
        var dataverse = Dataverse()
        let query = "contacts?$select=fullname&$filter=contains(fullname,'a') and statecode eq 0&$count=true"
        let whole = dataverse.ask("GET", query)
        let pages = try walk(&dataverse, query, size: 2, "fullname")
        #expect(pages.flatMap { $0 } == whole.rows.compactMap { $0["fullname"] })
        #expect(whole.json.members["@odata.count"] == .int(pages.flatMap { $0 }.count))
    }

    @Test func fiveThousandIsAsManyAsThereAre() throws {
        var dataverse = Dataverse { $0.isEmpty = true }
        for number in 1...5001 {
            dataverse.instance.book.add("account", Company.account(number), ["name": "N"], now: anytime)
        }
        let first = dataverse.ask(
            "GET",
            "accounts?$select=name&$count=true",
            prefer: "odata.include-annotations=\"*\""
        )
        #expect(first.rows.count == 5000 && first.json.members["@odata.count"] == 5000)
        #expect(first.json.members["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] == true)
        let next = try #require(first.link("nextLink"))
        #expect(dataverse.ask("GET", next).rows.count == 1)
        let larger = dataverse.ask("GET", "accounts?$select=name", prefer: "odata.maxpagesize=6000")
        #expect(larger.rows.count == 5000)
        guard case .raw(let bytes, _) = dataverse.ask("GET", "accounts/$count").content else {
            Issue.record("no number")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("5000"))
    }
}
