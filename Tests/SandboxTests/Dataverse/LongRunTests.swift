import OnewayCore
import Testing

@testable import Sandbox

/// Whatever happens in between, whoever follows ends up with what is there.
@Suite struct LongRunTests {
    private func act(_ dataverse: inout Dataverse, _ number: UInt64) throws {
        dataverse.pass(seconds: 1)
        let move = ChangeGenerator(book: dataverse.instance.book, seed: number, now: dataverse.now).change
        _ = try dataverse.apply(move.operation, user: move.user)
    }

    private func take(_ rows: [[String: String]], _ key: String, _ held: inout [String: String]) {
        for row in rows {
            if let id = row["id"] { held[id] = nil }
            if let id = row[key] { held[id] = row["@odata.etag"] }
        }
    }

    @Test(arguments: [("opportunities", 11), ("connections", 12), ("contacts", 13)] as [(String, UInt64)])
    func whoFollowsChangesHasThemAll(set: String, seed: UInt64) throws {
        var dataverse = Dataverse()
        var held: [String: String] = [:]
        var (target, number) = (set, seed * 10_000)
        let table = try #require(dataverse.instance.book.tables.table(set: set)?.name)
        let key = table + "id"
        for _ in 0..<150 {
            let answer = dataverse.ask("GET", target, prefer: "odata.track-changes,odata.maxpagesize=3")
            #expect(answer.status == 200, "seed \(seed): \(answer.json)")
            take(answer.rows, key, &held)
            target = try #require(answer.link("nextLink") ?? answer.link("deltaLink"))
            for _ in 0..<Int(number % 4) {
                number += 1
                try act(&dataverse, number)
            }
            number += 1
        }
        while true {
            let answer = dataverse.ask("GET", target, prefer: "odata.maxpagesize=3")
            if answer.rows.isEmpty { break }
            take(answer.rows, key, &held)
            target = try #require(answer.link("nextLink") ?? answer.link("deltaLink"))
        }
        let rows = dataverse.instance.book[table].all.map { ("\($0.id)", RowForm.etag($0)) }
        #expect(held == Dictionary(uniqueKeysWithValues: rows), "seed \(seed)")
    }

    /// From the targets alone.
    @Test(arguments: [21, 22] as [UInt64]) func whoFollowsNotificationsHasEveryOpportunity(seed: UInt64) throws {
        var dataverse = Dataverse { $0.isEmpty = true }
        for message in ["Create", "Update", "Delete"] { try dataverse.register(message, of: "opportunity") }
        var held: [String: [String: String]] = [:]
        for number in 0..<300 {
            try act(&dataverse, seed * 10_000 + UInt64(number))
            for delivery in dataverse.sent() {
                let root = try JSONDocument(delivery.request.body).root
                let id = "\(delivery.row.id)"
                guard delivery.message != "Delete" else {
                    held[id] = nil
                    continue
                }
                for pair in root["InputParameters"]?.elements.first?["value"]?["Attributes"]?.elements ?? [] {
                    let (name, value) = (pair["key"]?.string ?? "", pair["value"])
                    held[id, default: [:]][name] = value?.isNull == false ? value.map { JSON($0).shown } : nil
                }
            }
        }
        let form = EntityForm(book: dataverse.instance.book)
        for row in dataverse.instance.book["opportunity"].all {
            let told = try #require(held["\(row.id)"], "seed \(seed)")
            for (name, value) in row.values {
                let encoded = try JSONDocument(WireText.encodedTwice(form.value(value, named: false).encoded)).root
                #expect(told[name] == JSON(encoded).shown, "seed \(seed): \(name)")
            }
        }
        #expect(held.count == dataverse.instance.book["opportunity"].count && held.count > 5, "seed \(seed)")
    }

    /// Addresses that are nearly right: refused or answered, and nothing worse.
    @Test(arguments: [31, 32] as [UInt64]) func nothingThatIsAskedIsTooMuch(seed: UInt64) {
        var dataverse = Dataverse()
        var random = seed
        func next(_ count: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % UInt64(count))
        }
        let link =
            dataverse.ask("GET", "contacts?$orderby=lastname", prefer: "odata.maxpagesize=2").link("nextLink") ?? ""
        let delta = dataverse.ask("GET", "contacts", prefer: "odata.track-changes").link("deltaLink") ?? ""
        let targets =
            ReadingTests.queries.map(\.query) + ReadingTests.refused.map(\.target) + [
                link, delta, "EntityDefinitions(LogicalName='account')/Attributes?$select=LogicalName",
            ]
        let pieces =
            Array("()'\"[],=&?$/%0123456789abz eqnull").map(String.init) + [
                "%27", "9999999999999999999", "Ł", " and ", "not ",
            ]
        for _ in 0..<1500 {
            var target = Array(targets[next(targets.count)])
            for _ in 0...next(3) where !target.isEmpty {
                let place = next(target.count)
                if next(2) == 0 {
                    target.remove(at: place)
                } else {
                    target.insert(contentsOf: pieces[next(pieces.count)], at: place)
                }
            }
            let answer = dataverse.ask("GET", String(target), prefer: next(2) == 0 ? "odata.maxpagesize=2" : nil)
            #expect([200, 400, 404, 429].contains(answer.status), "seed \(seed): \(String(target))")
        }
    }
}
