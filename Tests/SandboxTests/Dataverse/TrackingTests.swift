import OnewayCore
import Testing

@testable import Sandbox

@Suite struct TrackingTests {
    private let tracking = "odata.track-changes"

    /// Everything, and the link to what comes after.
    private func synchronized(_ dataverse: inout Dataverse, _ query: String) throws -> (
        rows: [[String: String]], link: String
    ) {
        var rows: [[String: String]] = []
        var answer = dataverse.ask("GET", query, prefer: "odata.track-changes,odata.maxpagesize=4")
        while true {
            #expect(answer.status == 200, "\(answer.json)")
            rows += answer.rows
            guard let next = answer.link("nextLink") else { break }
            #expect(answer.link("deltaLink") == nil, "only on the last page")
            answer = dataverse.ask("GET", next, prefer: "odata.track-changes,odata.maxpagesize=4")
        }
        return (rows, try #require(answer.link("deltaLink")))
    }

    @Test func whatChangedIsToldWithWhatWasDeleted() throws {
        var dataverse = Dataverse()
        let (all, link) = try synchronized(&dataverse, "contacts?$select=fullname")
        #expect(all.count == 10)
        #expect(dataverse.ask("GET", link).rows.isEmpty)

        _ = try dataverse.apply(.update(table: "contact", Company.contact(9), ["lastname": "Costa"]))
        _ = try dataverse.apply(.update(table: "contact", Company.contact(2), ["jobtitle": "Buyer"]))
        _ = try dataverse.apply(.delete(table: "contact", Company.contact(10)))
        let fresh = try dataverse.apply(.create(table: "contact", id: nil, ["lastname": "New"]))
        _ = try dataverse.apply(.delete(table: "contact", fresh))
        let (changes, later) = try synchronized(&dataverse, link)
        #expect(changes.count == 4, "what came and went is told as deleted")
        #expect(changes.map { $0["fullname"] ?? $0["reason"] } == ["Ivo Costa", "Björn Ek", "deleted", "deleted"])
        #expect(
            changes[2]["id"] == "\(Company.contact(10))"
                && changes[2]["@odata.context"]?.hasSuffix("#contacts/$deletedEntity") == true
        )
        #expect(dataverse.ask("GET", later).rows.isEmpty)
        let count = dataverse.ask("GET", link.replacing("contacts?$select=fullname&", with: "contacts/$count?"))
        guard case .raw(let bytes, _) = count.content else {
            Issue.record("no number")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("4"))
    }

    @Test func changesComeInPagesAndNoneIsLost() throws {
        var dataverse = Dataverse()
        let (_, link) = try synchronized(&dataverse, "contacts?$select=jobtitle")
        for number in 1...10 {
            _ = try dataverse.apply(.update(table: "contact", Company.contact(number), ["jobtitle": "Buyer"]))
        }
        let first = dataverse.ask("GET", link, prefer: "odata.maxpagesize=4")
        #expect(first.rows.count == 4)
        // One that was told, and one that was not yet: both are for the next time.
        for number in [1, 10] {
            _ = try dataverse.apply(.update(table: "contact", Company.contact(number), ["jobtitle": "Seller"]))
        }
        var next = first.link("nextLink")
        var (titles, delta) = (first.rows.compactMap { $0["jobtitle"] }, String?.none)
        while let target = next {
            let answer = dataverse.ask("GET", target, prefer: "odata.maxpagesize=4")
            titles += answer.rows.compactMap { $0["jobtitle"] }
            (next, delta) = (answer.link("nextLink"), answer.link("deltaLink"))
        }
        #expect(titles == Array(repeating: "Buyer", count: 9))
        let later = try #require(delta)
        #expect(dataverse.ask("GET", later).rows.map { $0["jobtitle"] } == ["Seller", "Seller"])
    }

    @Test func anOldTokenIsAnErrorAndNoAnswer() throws {
        var dataverse = Dataverse()
        let (_, link) = try synchronized(&dataverse, "accounts?$select=name")
        dataverse.pass(seconds: 7 * 86_400)
        dataverse.token = dataverse.instance.tokens.give(now: dataverse.now).text
        #expect(dataverse.ask("GET", link).status == 200)
        dataverse.pass(seconds: 1)
        let late = dataverse.ask("GET", link)
        #expect(late.status == 400 && late.code == "0x80044352")

        let (_, fresh) = try synchronized(&dataverse, "accounts?$select=name")
        dataverse.instance.book.forgetChanges()
        #expect(dataverse.ask("GET", fresh).code == "0x80044352")
    }

    @Test func whatCannotBeTrackedIsRefused() throws {
        var dataverse = Dataverse()
        for query in ["accounts?$filter=name eq 'a'", "accounts?$orderby=name", "accounts?$top=1", "connectionroles"] {
            #expect(dataverse.ask("GET", query, prefer: tracking).status == 400, "\(query)")
        }
        #expect(dataverse.ask("GET", "accounts?$deltatoken=1").status == 400)
        dataverse.instance.book.tables.setTracking("account", false)
        #expect(dataverse.ask("GET", "accounts", prefer: tracking).status == 400)
    }
}
