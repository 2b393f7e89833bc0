import OnewayCore
import Testing

@testable import Sandbox

/// Notifications are checked with the decoder that has to read them.
@Suite struct WebhookTests {
    private func decoded(_ delivery: Delivery) throws -> DynamicsNotification {
        try DynamicsNotification.decode(delivery.request.body, selection: .everything)
    }

    private func attributes(_ notification: DynamicsNotification, _ source: Stamp.Source) -> [String: Value] {
        let found = notification.changes.flatMap(\.attributeSets).filter { $0.source == source }.flatMap(\.attributes)
        return Dictionary(found.map { ($0.name, $0.value) }) { _, last in last }
    }

    private func names(_ delivery: Delivery, _ member: String) throws -> [String] {
        let bytes = delivery.request.body
        let pairs = try JSONDocument(bytes).root[member]?.elements ?? []
        return pairs.compactMap { $0["key"]?.string }
    }

    @Test func aCreationIsSentWhereItsStepSays() throws {
        var dataverse = Dataverse()
        let step = try dataverse.register("Create", of: "opportunity")
        let id = try dataverse.apply(
            .create(
                table: "opportunity",
                id: nil,
                [
                    "name": "Café €/1", "estimatedvalue": .money("10.50"),
                    "estimatedclosedate": .day(Timestamp(second: 86_400)),
                    "parentaccountid": .lookup(RowReference("account", Company.account(1))), "description": nil,
                ]
            )
        )
        let sent = dataverse.sent()
        let delivery = try #require(sent.first)
        #expect(sent.count == 1 && delivery.request.url == "https://hook.test/in?code=k%261")
        let headers = Dictionary(delivery.request.headers.map { ($0.name, $0.value) }) { $1 }
        #expect(headers["Content-Type"] == "application/json" && headers["x-ms-dynamics-request-name"] == "Create")
        #expect(
            headers["x-ms-dynamics-entity-name"] == "opportunity" && headers["x-ms-dynamics-msg-size-exceeded"] == nil
        )

        let notification = try decoded(delivery)
        #expect(notification.isRepaired, "text is encoded twice")
        #expect(
            notification.envelope.stepId == step && notification.envelope.mode == 1 && notification.envelope.stage == 40
        )
        #expect(headers["x-ms-correlation-request-id"] == notification.envelope.correlationId.map { "\($0)" })
        #expect(notification.envelope.operationId != notification.envelope.requestId)
        #expect(notification.record?.id == id && notification.changes.first?.kind == .created)
        let target = attributes(notification, .target)
        #expect(target["name"] == .text("Café €/1") && target["estimatedvalue"] == .money("10.50"))
        #expect(target["customerid"] == .reference(entity: "account", id: Company.account(1)))
        #expect(target["estimatedclosedate"] == .time(Timestamp(second: 86_400)) && target["statecode"] == .choice(0))
        let text = String(decoding: delivery.request.body, as: UTF8.self)
        #expect(text.contains(#"CafÃ© â‚¬\/1"#) && text.contains(#"\/Date(86400000)\/"#))
        #expect(text.contains(#""Value":10.50"#) && text.contains(#"{"key":"description","value":null}"#))
        #expect(try names(delivery, "PostEntityImages") == ["AsynchronousStepPrimaryName"])
        #expect(try names(delivery, "OutputParameters") == ["id"])
        let members = try JSONDocument(delivery.request.body).root.members.map(\.name)
        #expect(members == members.sorted() && members.count == 30)
    }

    @Test func aSaveWithAStateIsTwoUpdatesWithTheirImages() throws {
        var dataverse = Dataverse()
        try dataverse.register(
            "Update",
            of: "opportunity",
            "",
            image:
                #""entityalias": "post", "imagetype": 1, "messagepropertyname": "Target", "attributes": "name,statecode,customerid,versionnumber""#
        )
        let id = Company.opportunity(1)
        _ = try dataverse.apply(.update(table: "opportunity", id, ["name": "Other", "statecode": .choice(1)]))
        let sent = dataverse.sent()
        #expect(
            sent.count == 2 && sent[0].names.request == sent[1].names.request && sent[0].operation != sent[1].operation
        )
        let first = String(decoding: sent[0].request.body, as: UTF8.self)
        let (targets, images) = (try sent.map { try target($0) }, try sent.map { try image($0, "post") })
        #expect(targets[0].isSuperset(of: ["name", "modifiedon", "modifiedby", "opportunityid", "modifiedonbehalfby"]))
        #expect(!targets[0].contains("statecode") && targets[1].isSuperset(of: ["statecode", "statuscode"]))
        #expect(images[0] == ["opportunityid", "name", "statecode", "customerid", "versionnumber"])
        #expect(first.contains(#""Name":"Contoso CafÃ©""#), "images name what they refer to")
        #expect(try names(sent[0], "PostEntityImages") == ["post", "AsynchronousStepPrimaryName"])
    }

    private func target(_ delivery: Delivery) throws -> Set<String> {
        let root = try JSONDocument(delivery.request.body).root
        let value = root["InputParameters"]?.elements.first?["value"]
        return Set(value?["Attributes"]?.elements.compactMap { $0["key"]?.string } ?? [])
    }

    private func image(_ delivery: Delivery, _ alias: String) throws -> Set<String> {
        let images = try JSONDocument(delivery.request.body).root["PostEntityImages"]?.elements ?? []
        let value = images.first { $0["key"]?.string == alias }?["value"]
        return Set(value?["Attributes"]?.elements.compactMap { $0["key"]?.string } ?? [])
    }

    @Test func aConnectionIsTwoRowsAndThreeMessages() throws {
        var dataverse = Dataverse()
        for message in ["Create", "Update", "Delete"] {
            try dataverse.register(
                message,
                of: "connection",
                message == "Update" ? #", "filteringattributes": "record2roleid,record1id,record2id,statecode""# : "",
                image: message == "Delete"
                    ? #""entityalias": "pre", "imagetype": 0, "messagepropertyname": "Target", "attributes": "record1id,record2id,record2roleid""#
                    : nil
            )
        }
        let connection: RowOperation.Values = [
            "record1id": .lookup(RowReference("opportunity", Company.opportunity(1))),
            "record2id": .lookup(RowReference("contact", Company.contact(3))),
            "record2roleid": .lookup(RowReference("connectionrole", Company.championRole)),
        ]
        let id = try dataverse.apply(.create(table: "connection", id: nil, connection))
        let made = dataverse.sent()
        #expect(
            made.map(\.message) == ["Create", "Create"],
            "what ties the rows is not among the filtering attributes"
        )
        let mirror = made[1].row.id
        #expect(made[0].row.id == id && mirror != id)
        let row = try #require(dataverse.instance.book["connection"][mirror])
        #expect(
            row.values["record1id"]?.reference?.table == "contact"
                && row.values["record1roleid"] == connection["record2roleid"]
        )
        #expect(row.values["ismaster"] == false && row.values["relatedconnectionid"]?.reference?.id == id)
        #expect(row.values["record2objecttypecode"] == .choice(3))

        let role = ColumnValue.lookup(RowReference("connectionrole", Company.stakeholderRole))
        _ = try dataverse.apply(.update(table: "connection", id, ["record2roleid": role]))
        let changed = dataverse.sent()
        #expect(changed.map(\.row.id) == [id], "the mirror's role is its record1roleid")
        #expect(dataverse.instance.book["connection"][mirror]?.values["record1roleid"] == role)

        _ = try dataverse.apply(.delete(table: "connection", mirror))
        let gone = dataverse.sent()
        #expect(Set(gone.map(\.row.id)) == [id, mirror] && gone.allSatisfy { $0.message == "Delete" })
        #expect(try names(gone[0], "PreEntityImages") == ["pre", "AsynchronousStepPrimaryName"])
        let envelope = try decoded(gone[0]).envelope
        #expect(envelope.userId == dataverse.instance.book.system && envelope.initiatingUserId == Company.salesPerson)
    }

    static let filtering: [(names: String, values: RowOperation.Values, count: Int)] = [
        ("name,statecode", ["name": "N"], 1), ("name", ["name": "Espresso bar"], 1),
        ("name", ["description": "D"], 0), ("estimatedvalue_base", ["estimatedvalue": .money("1")], 1),
        ("statecode", ["name": "N", "statecode": .choice(2)], 1), ("customerid", ["parentcontactid": nil], 1),
    ]

    @Test(arguments: filtering) func whatWasSentDecidesWhetherAStepHears(
        names: String,
        values: RowOperation.Values,
        count: Int
    ) throws {
        var dataverse = Dataverse()
        try dataverse.register("Update", of: "opportunity", #", "filteringattributes": "\#(names)""#)
        _ = try dataverse.apply(.update(table: "opportunity", Company.opportunity(1), values))
        #expect(dataverse.sent().count == count)
    }

    @Test func winningIsAMessageAndTwoUpdates() throws {
        var dataverse = Dataverse()
        try dataverse.register("Win", of: "opportunity")
        try dataverse.register("Update", of: "opportunity")
        _ = try dataverse.apply(.close(opportunity: Company.opportunity(2), won: true, actualValue: nil))
        let sent = dataverse.sent()
        #expect(sent.map(\.message) == ["Update", "Update", "Win"])
        #expect(try names(sent[2], "InputParameters") == ["OpportunityClose", "Status"])
        #expect(try names(sent[2], "PostEntityImages").isEmpty)
        let row = try #require(dataverse.instance.book["opportunity"][Company.opportunity(2)])
        #expect(row.values["statecode"] == .choice(1) && row.values["actualvalue"] == .money("52500.50"))
    }

    @Test func mergingPutsTheLoserAsideAndMovesItsChildren() throws {
        var dataverse = Dataverse()
        try dataverse.register("Update", of: "contact")
        try dataverse.register(
            "Merge",
            of: "contact",
            image:
                #""entityalias": "loser", "imagetype": 1, "messagepropertyname": "SubordinateId", "attributes": "fullname""#
        )
        try dataverse.register("Update", of: "opportunity")
        let (winner, loser) = (Company.contact(1), Company.contact(3))
        _ = try dataverse.apply(.merge(table: "contact", master: winner, subordinate: loser))
        let sent = dataverse.sent()
        #expect(sent.map(\.message) == ["Update", "Merge"], "children move without a word")
        #expect(
            try names(sent[1], "InputParameters") == [
                "Target", "SubordinateId", "UpdateContent", "PerformParentingChecks",
            ]
        )
        #expect(String(decoding: sent[1].request.body, as: UTF8.self).contains(#""value":"ChloÃ© Martin""#))
        let child = dataverse.instance.book["opportunity"][Company.opportunity(2)]
        #expect(child?.values["parentcontactid"]?.reference?.id == winner)
        #expect(dataverse.instance.book["contact"][loser]?.values["merged"] == true)
    }

    @Test func whatIsTooLargeIsCut() throws {
        var dataverse = Dataverse()
        try dataverse.register("Update", of: "account")
        try dataverse.register("Create", of: "account")
        dataverse.instance.webhookFaults.add(WebhookFault(.cut, message: "Update"))
        _ = try dataverse.apply(.update(table: "account", Company.account(1), ["name": "N"]))
        _ = try dataverse.apply(.update(table: "account", Company.account(1), ["name": "O"]))
        // Ten parents repeat it until it is too much.
        _ = try dataverse.apply(
            .create(
                table: "account",
                id: nil,
                ["name": "L", "description": .text(String(repeating: "d", count: 2000))]
            ),
            depth: 100
        )
        let sent = dataverse.sent()
        #expect(try sent.map { try decoded($0).isCut } == [true, false, true])
        #expect(
            sent.map { $0.request.headers.contains { $0.name == "x-ms-dynamics-msg-size-exceeded" } } == [
                true, false, true,
            ]
        )
        #expect(String(decoding: sent[0].request.body, as: UTF8.self).contains(#""InputParameters":[]"#))
        #expect(try names(sent[2], "OutputParameters") == ["id"])
    }

    @Test func orderAndNumberCanGoWrong() throws {
        var dataverse = Dataverse()
        try dataverse.register("Update", of: "account")
        func change(_ name: String) throws {
            _ = try dataverse.apply(.update(table: "account", Company.account(1), ["name": .text(name)]))
        }
        for fault in [WebhookFault.Kind.drop, .double, .reorder] {
            dataverse.instance.webhookFaults.add(WebhookFault(fault))
        }
        for name in ["one", "two", "three", "four"] { try change(name) }
        let bodies = dataverse.sent().map { String(decoding: $0.request.body, as: UTF8.self) }
        let order = bodies.compactMap { body in ["one", "two", "three", "four"].first { body.contains("\"\($0)\"") } }
        #expect(order == ["one", "two", "two", "four", "three"], "what is dropped is still on its way here")
        #expect(bodies[1] == bodies[2])
    }

    @Test func aFailedJobIsLeftBehind() throws {
        var dataverse = Dataverse()
        let step = try dataverse.register("Update", of: "account", #", "asyncautodelete": true"#)
        for (status, isLeft) in [(202, false), (500, true)] {
            _ = try dataverse.apply(.update(table: "account", Company.account(1), ["name": "N"]))
            let next = dataverse.instance.deliveries.next()
            let item = try #require(next)
            dataverse.instance.finish(item.delivery, [status], isDropped: false, now: dataverse.now)
            let jobs = dataverse.ask(
                "GET",
                "asyncoperations?$filter=_owningextensionid_value eq \(step) and statuscode eq 31"
            )
            #expect(jobs.rows.count == (isLeft ? 1 : 0))
            if isLeft {
                #expect(
                    jobs.rows[0]["errorcode"] == "-2147155455"
                        && jobs.rows[0]["friendlymessage"]?.contains("500") == true
                )
                #expect(jobs.rows[0]["asyncoperationid"] == "\(item.delivery.operation)")
            }
        }
    }

    @Test func whatWasCausedByOthersSaysSo() throws {
        var dataverse = Dataverse()
        try dataverse.register("Update", of: "account")
        _ = try dataverse.apply(
            .update(table: "account", Company.account(1), ["name": "N"]),
            user: Company.marketoUser,
            depth: 3
        )
        let body = try JSONDocument(dataverse.sent()[0].request.body).root
        #expect(body["Depth"]?.int == 3 && body["ParentContext"]?["ParentContext"]?["ParentContext"]?.isNull == true)
        #expect(body["ParentContext"]?["Stage"]?.int == 30)
        #expect(body["InitiatingUserId"]?.string == "\(Company.marketoUser)")
    }
}
