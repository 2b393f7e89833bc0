import OnewayCore
import Testing

@testable import Sandbox

@Suite struct CompanyTests {
    @Test func theSmallCompanyIsThere() throws {
        let book = Dataverse().instance.book
        #expect(["account", "contact", "opportunity", "connection"].map { book[$0].count } == [6, 10, 10, 10])
        let states = book["opportunity"].all.compactMap { $0.values["statecode"]?.choice }
        #expect(states.filter { $0 == 0 }.count == 7 && states.filter { $0 == 1 }.count == 2)
        #expect(Set(book["opportunity"].all.compactMap { $0.values["stepname"]?.text }).count == 4)
        let euros = try #require(book["opportunity"][Company.opportunity(5)]).values
        #expect(euros["estimatedvalue_base"] == .money("24999.9875") && euros["exchangerate"] == .number("0.8"))
        #expect(book["opportunity"][Company.opportunity(1)]?.values["customerid"]?.reference?.id == Company.account(1))
        #expect(book["opportunity"][Company.opportunity(8)]?.values["customerid"]?.reference?.id == Company.contact(9))
    }

    @Test(arguments: [1, 7, 4_000_000_000]) func ordinaryDaysGoOnWithoutTrouble(seed: UInt64) throws {
        func day() throws -> (said: [String], book: DataverseBook) {
            var dataverse = Dataverse()
            try dataverse.register("Update", of: "opportunity")
            var said: [String] = []
            for number in 0..<400 {
                dataverse.pass(seconds: 60)
                let move = ChangeGenerator(
                    book: dataverse.instance.book,
                    seed: seed + UInt64(number),
                    now: dataverse.now
                ).change
                _ = try dataverse.apply(move.operation, user: move.user)
                said.append(move.says)
            }
            return (said, dataverse.instance.book)
        }
        let (first, second) = (try day(), try day())
        #expect(first.said == second.said && first.book.version == second.book.version, "seed \(seed)")
        #expect(Set(first.said.map { $0.prefix(6) }).count > 8, "seed \(seed): \(Set(first.said))")
        #expect(first.book["opportunity"].count > 10)
    }

    static let refused: [(operation: RowOperation, says: String)] = [
        (.create(table: "nothing", id: nil, [:]), "nothing"), (.create(table: "account", id: nil, [:]), "name"),
        (.create(table: "account", id: nil, ["name": "N", "nme": "x"]), "nme"),
        (.create(table: "account", id: Company.account(1), ["name": "N"]), "already exists"),
        (.create(table: "contact", id: nil, ["lastname": "N", "fullname": "x"]), "fullname"),
        (.update(table: "account", Company.contact(1), ["name": "N"]), "Does Not Exist"),
        (.update(table: "account", Company.account(1), ["name": .choice(1)]), "another type"),
        (.update(table: "account", Company.account(1), ["name": .text(String(repeating: "n", count: 161))]), "length"),
        (.update(table: "opportunity", Company.opportunity(1), ["statuscode": .choice(9)]), "range"),
        (.update(table: "opportunity", Company.opportunity(1), ["estimatedvalue": .money("0x10")]), "number"),
        (.update(table: "opportunity", Company.opportunity(1), ["estimatedvalue": .money("1e300")]), "number"),
        (
            .update(table: "opportunity", Company.opportunity(1), ["statecode": .choice(0), "statuscode": .choice(3)]),
            "valid status"
        ),
        (
            .update(
                table: "opportunity",
                Company.opportunity(1),
                ["customerid": .lookup(RowReference("account", Company.contact(1)))]
            ),
            "Does Not Exist"
        ),
        (.delete(table: "account", Company.contact(1)), "Does Not Exist"),
        (.merge(table: "opportunity", master: Company.opportunity(1), subordinate: Company.opportunity(2)), "merged"),
        (.create(table: "connection", id: nil, [:]), "record1id"),
    ]

    @Test(arguments: refused) func whatDoesNotFitIsNotDone(operation: RowOperation, says: String) {
        var dataverse = Dataverse()
        let error = #expect(throws: DataverseError.self) {
            try dataverse.instance.book.apply(operation, by: Origin(user: Company.salesPerson), now: anytime)
        }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test func anEnvironmentHasColumnsOfItsOwn() throws {
        var dataverse = Dataverse()
        for (name, kind) in [("new_region", CustomColumn.Kind.text(lengthMax: 4)), ("new_fee", .money)] {
            try dataverse.instance.book.tables.add(CustomColumn(name, label: "L", kind), to: "opportunity")
        }
        let id = Company.opportunity(5)
        _ = try dataverse.apply(.update(table: "opportunity", id, ["new_region": "East", "new_fee": .money("8")]))
        let row = dataverse.ask("GET", "opportunities(\(id))?$select=new_region,new_fee_base").json.members
        #expect(row["new_region"] == "East" && row["new_fee_base"] == .number("10.0000"))
        #expect(throws: DataverseError.self) {
            try dataverse.apply(.update(table: "opportunity", id, ["new_region": "North"]))
        }
        for (name, table) in [("new_fee", "opportunity"), ("region", "opportunity"), ("new_region", "nothing")] {
            #expect(throws: DataverseError.self) {
                try dataverse.instance.book.tables.add(CustomColumn(name, label: "L", .flag), to: table)
            }
        }
        let path =
            "EntityDefinitions(LogicalName='opportunity')/Attributes?$select=LogicalName&$filter=IsCustomAttribute eq true"
        #expect(dataverse.ask("GET", path).rows.count == 4)
    }

    @Test func theCompanyGrows() {
        var book = Dataverse().instance.book
        Company.grow(&book, Growth(opportunities: 10), now: anytime)
        #expect(["account", "contact", "opportunity", "connection"].map { book[$0].count } == [8, 15, 20, 20])
    }

    @Test func whatBelongsToARowGoesWithIt() throws {
        var dataverse = Dataverse()
        _ = try dataverse.apply(.delete(table: "account", Company.account(1)))
        let book = dataverse.instance.book
        #expect(book["opportunity"].count == 8 && book["contact"].count == 8)
        #expect(
            book["connection"].all.allSatisfy { row in
                row.values["record1id"]?.reference.map { book.row($0) != nil } == true
            }
        )
    }
}
