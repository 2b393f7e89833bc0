import Testing

@testable import OnewayCore

/// The registered steps follow from the columns that the rules and the configuration read.
@Suite struct RegistrationTests {
    private static func step(_ book: RuleBook, _ entity: Entity, _ message: String) -> RegisteredStep? {
        book.registration.first { $0.entity == entity && $0.message == message }
    }

    private static var others: [RuleSettings] {
        var custom = RuleSettings()
        custom.fields = [
            SelectedField("new_region", "region"), SelectedField("ownerid", "owner", as: .lookup(by: .name)),
        ]
        custom.amount = RuleSettings.Amount(open: "estimatedvalue_base", won: "actualvalue_base")
        custom.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        custom.leadColumn = "emailaddress2"
        custom.createsLeads = true
        return [RuleSettings(), custom]
    }

    /// Every column that the mirror keeps is in the image of an Update and, unless it never changes, watched.
    @Test(arguments: others) func everyColumnThatIsReadIsSentAndWatched(_ settings: RuleSettings) throws {
        let book = RuleBook(settings)
        for (entity, kept) in book.columns where entity.isReported {
            let columns = kept.filter { !$0.contains(".") }
            let update = try #require(Self.step(book, entity, "Update"))
            let image = try #require(update.image)
            #expect(image.kind == .post)
            #expect(Set(image.columns) == columns.union(["modifiedon", "versionnumber"]))
            #expect(Set(update.filter) == columns.subtracting(["createdon"]))
            #expect(Self.step(book, entity, "Create") != nil && Self.step(book, entity, "Delete") != nil)
        }
    }

    @Test func whatTheConfigurationNamesIsAmongThem() throws {
        let book = RuleBook(Self.others[1])
        let opportunity = try #require(Self.step(book, .opportunity, "Update")?.image?.columns)
        #expect(
            Set(["createdon", "new_region", "new_sync", "estimatedvalue_base", "actualvalue_base"]).isSubset(
                of: opportunity
            )
        )
        let contact = try #require(Self.step(book, .contact, "Update")?.filter)
        #expect(Set(["emailaddress2", "firstname", "lastname", "parentcustomerid"]).isSubset(of: contact))
    }

    @Test func aDeletedConnectionReportsItsLastState() {
        let image = Self.step(RuleBook(RuleSettings()), .connection, "Delete")?.image
        #expect(image == .init(kind: .pre, columns: ["record1id", "record2id", "record2roleid"]))
    }

    @Test func onlyContactsAndAccountsMerge() {
        let merging = RuleBook(RuleSettings()).registration.filter { $0.message == "Merge" }.map(\.entity)
        #expect(merging == [.contact, .account])
    }
}
