import Testing

@testable import OnewayCore

/// R3, R9, R13: which columns are kept, what a slice needs, and which records a change affects.
@Suite struct ReachTests {
    let book = RuleBook(RuleSettings())

    @Test func r3OnlyWhatIsSelectedOrNeededIsKept() {
        #expect(
            book.columns[.opportunity]
                == [
                    "customerid", "parentaccountid", "parentcontactid", "statecode", "estimatedvalue", "actualvalue",
                    "estimatedclosedate", "actualclosedate", "name", "description", "stepname", "closeprobability",
                    "createdon",
                ]
        )
        #expect(book.columns[.contact] == ["parentcustomerid", "masterid", "merged"])
        #expect(book.columns[.account] == ["name", "masterid", "merged"])
        #expect(book.columns[.connection] == ["createdon", "record1id", "record2id", "record2roleid", "statecode"])
    }

    @Test func r3WhatIsConfiguredIsKeptToo() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("ownerid", "owner", as: .lookup(by: .name))]
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        settings.leadColumn = "emailaddress1"
        let columns = RuleBook(settings).columns
        #expect(columns[.opportunity]?.isSuperset(of: ["ownerid", "ownerid.name", "new_sync", "name"]) == true)
        #expect(columns[.opportunity]?.contains("description") == false)
        #expect(columns[.contact]?.isSuperset(of: ["emailaddress1", "fullname"]) == true)
    }

    /// A store of records, queried as the service queries its own.
    private func loaded(_ opportunity: [String: Value], _ records: [MirrorRecord]) -> (slice: Slice, asked: [RecordKey])
    {
        var slice = Slice.of(opportunity)
        for connection in records where connection.key.entity == .connection { slice.add(connection) }
        var asked: Set<RecordKey> = []
        var order: [RecordKey] = []
        while case let new = book.missing(in: slice).subtracting(asked), !new.isEmpty {
            asked.formUnion(new)
            order += new.sorted()
            for record in records where new.contains(record.key) { slice.add(record) }
        }
        return (slice, order)
    }

    @Test func aSliceLeadsFromTheContactToItsAccountAndFromLosersToWinners() {
        let records = [
            record(.contact, Who.contact, ["masterid": .contact(Who.colleague)]),
            record(.contact, Who.colleague, ["parentcustomerid": .account(Who.account)]),
            record(.account, Who.account, ["masterid": .account(Who.other)]),
            record(.account, Who.other, ["name": .text("Winner")]),
            record(.account, Who.third, ["name": .text("Nobody's")]),
        ]
        let (slice, asked) = loaded(CustomerRulesTests.byContact, records)
        #expect(
            asked == [
                RecordKey(.contact, Who.contact), RecordKey(.contact, Who.colleague), RecordKey(.account, Who.account),
                RecordKey(.account, Who.other),
            ]
        )
        #expect(Wanted(slice).field("externalCompanyId") == "\"\(Who.other)\"")
    }

    @Test func aSliceHasItsStakeholdersAndItsAccount() {
        let (_, asked) = loaded(CustomerRulesTests.byAccount, [stakeholder(), stakeholder(Who.second, Who.colleague)])
        #expect(
            Set(asked) == [
                RecordKey(.account, Who.account), RecordKey(.contact, Who.contact), RecordKey(.contact, Who.colleague),
            ]
        )
        #expect(loaded([:], []).asked.isEmpty)
    }

    @Test func lookupsByNameBelongToTheSlice() {
        var settings = RuleSettings()
        settings.fields = [SelectedField("new_partner", "partner", as: .lookup(by: .name))]
        let slice = Slice.of(["new_partner": .account(Who.third)])
        #expect(RuleBook(settings).missing(in: slice) == [RecordKey(.account, Who.third)])
        #expect(book.missing(in: slice).isEmpty)
        #expect(RuleBook(settings).references(of: slice.opportunity).map(\.column) == ["new_partner"])
    }

    @Test func theEdgesOfARecord() {
        let opportunity = Slice.of(CustomerRulesTests.byContact).opportunity
        #expect(book.references(of: opportunity).map(\.column) == ["customerid", "parentcontactid"])
        #expect(
            book.references(of: stakeholder()).map(\.to)
                == [RecordKey(.opportunity, Who.opportunity), RecordKey(.contact, Who.contact)]
        )
        let mirror = record(
            .connection,
            Who.second,
            ["record1id": .contact(Who.contact), "record2id": .opportunity(Who.opportunity)]
        )
        #expect(book.references(of: mirror).isEmpty, "the mirror row leads nowhere")
        #expect(book.storedReferences(of: mirror).map(\.to) == [RecordKey(.contact, Who.contact)], "it names a person")
        #expect(book.reach(through: mirror) == .opportunities([]))
        let child = record(.contact, Who.contact, ["parentcustomerid": .contact(Who.colleague)])
        #expect(book.references(of: child).isEmpty)
        #expect(book.storedReferences(of: child).map(\.to) == [RecordKey(.contact, Who.colleague)])
        #expect(book.storedReferences(of: opportunity).map(\.column) == ["customerid", "parentcontactid"])
    }

    @Test func r9AContactThatMovesAffectsTheOpportunitiesThatNameIt() {
        let before = CustomerRulesTests.contact()
        var after = before
        after.learn(at: 5, ["emailaddress1": .text("new@example.com")])
        #expect(book.reach(before: before, after: after) == .nobody, "by default nothing depends on the address")
        after.learn(at: 5, ["parentcustomerid": .account(Who.other)])
        #expect(book.reach(before: before, after: after) == .referrers)
        var deleted = before
        deleted.markDeleted(atSecond: 0)
        #expect(book.reach(before: before, after: deleted) == .referrers)
        var repeated = before
        repeated.learn(at: 6, ["parentcustomerid": .account(Who.account)])
        #expect(book.reach(before: before, after: repeated) == .nobody, "a repetition is not a change")
    }

    @Test func r13AnAccountsNameConcernsItsCompanyAloneAndItsEndEveryOpportunity() {
        let before = record(.account, Who.account, ["name": .text("Old")])
        var renamed = before
        renamed.learn(at: 1, ["name": .text("New")])
        #expect(book.reach(before: before, after: renamed) == .company(Who.account))
        #expect(book.reach(before: before, after: before) == .nobody)
        var merged = before
        merged.learn(at: 1, ["masterid": .account(Who.other), "merged": .bool(true)])
        #expect(book.reach(before: before, after: merged) == .referrers)
        var settings = RuleSettings()
        settings.fields = [SelectedField("parentaccountid", "account", as: .lookup(by: .name))]
        #expect(RuleBook(settings).reach(before: before, after: renamed) == .referrers)
    }

    @Test func r10AConnectionConcernsTheOpportunityItLeavesAndTheOneItJoins() {
        let next = GUID(high: 0, low: 2)
        var after = stakeholder()
        after.learn(at: 1, ["record1id": .opportunity(next)])
        #expect(book.reach(before: stakeholder(), after: after) == .opportunities([Who.opportunity, next]))
        #expect(book.reach(before: nil, after: stakeholder()) == .opportunities([Who.opportunity]))
        #expect(book.reach(through: stakeholder()) == .opportunities([Who.opportunity]))
        #expect(book.reach(through: Slice.of().opportunity) == .opportunities([Who.opportunity]))
        #expect(book.reach(through: CustomerRulesTests.contact()) == .referrers)
    }

    @Test func changesAreWhatDiffersFromWhatMarketoConfirmed() throws {
        let slice = Slice.of(CustomerRulesTests.byContact, CustomerRulesTests.contact())
        let first = Wanted(slice).projections
        #expect(Change.between(first, []).map(\.before) == [nil, nil, nil])
        let held = CurrentRecord.confirming(first)
        #expect(Change.between(first, held).isEmpty)
        var settings = RuleSettings()
        settings.customerRole = "Buyer"
        let changes = Change.between(Wanted(slice, settings, held: held).projections, held)
        #expect(changes.map(\.key.text.utf8.count) == [36 + 1 + 36 + 6, 36 + 1 + 36 + 9], "only the role differs")
        #expect(changes.map { $0.before == nil } == [true, false])
        #expect(changes.map { $0.after == nil } == [false, true])
        let json = try JSONDocument(changes[0].json.encoded).root
        #expect(json.members.map(\.name) == ["kind", "key", "before", "after", "reasons"])
        #expect(json["before"]?.isNull == true)
        #expect(json["after"]?["role"]?.string == "Buyer")
        #expect(json["reasons"]?.elements.first?["rule"]?.string == "R4")
    }
}
