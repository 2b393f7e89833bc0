import Testing

@testable import OnewayCore

@Suite struct DeliveryKeyTests {
    private static let (opportunity, contact) = (
        "5e6f0001-71b4-ef11-a72f-6045bd905a01", "d41e6a90-3fb1-ef11-b8e8-000d3a2b4c01"
    )

    /// Names come from Dynamics: with slashes, or beginning with a character that Swift joins to the slash before it.
    @Test(arguments: ["Customer", "Buyer/Payer", "\u{301}e", "\u{1F3FB}", ""])
    func aRoleIsReadFromItsKey(name: String) throws {
        let key = DeliveryKey(.role, "\(Self.opportunity)/\(Self.contact)/\(name)")
        let role = try #require(key.role)
        #expect(role.opportunity == Self.opportunity && role.contact.description == Self.contact)
        #expect(Array(role.name.utf8) == Array(name.utf8))
        #expect(DeliveryKey(description: key.description) == key)
    }

    @Test(arguments: ["company/\u{1F3FB}", "company/", "opportunity/a/b"])
    func aDescriptionIsRead(text: String) {
        #expect(DeliveryKey(description: text)?.description == text)
    }

    @Test(arguments: ["", "company", "lead/x", "/x", "company\u{301}/x"])
    func othersAreNone(text: String) {
        #expect(DeliveryKey(description: text) == nil)
    }

    /// What a role or a person says of its lead decides, else its contact; an opportunity and a company have none.
    @Test func aLeadIsFoundByWhatTheRecordSaysElseByItsContact() {
        let role = DeliveryKey(.role, "\(Self.opportunity)/\(Self.contact)/Buyer")
        let person = DeliveryKey(.person, Self.contact)
        for key in [role, person] {
            #expect(key.contact?.description == Self.contact)
            #expect(key.leadValue(in: Array(#"{"lead":"a@b.example"}"#.utf8)) == "a@b.example")
            #expect(key.leadValue(in: Array("{}".utf8)) == Self.contact && key.leadValue(in: nil) == Self.contact)
        }
        for key in [DeliveryKey(.opportunity, Self.opportunity), DeliveryKey(.company, Self.opportunity)] {
            #expect(key.contact == nil && key.leadValue(in: nil) == nil)
        }
    }

    /// What is desired decides; of a role that is to leave, what was confirmed.
    @Test func anItemsLeadIsFoundByItsNewestRecord() {
        let key = DeliveryKey(.role, "\(Self.opportunity)/\(Self.contact)/Buyer")
        func value(desired: String?, confirmed: String?) -> String? {
            var state = DeliveryState()
            state.desired = desired.map { Array(#"{"lead":"\#($0)"}"#.utf8) }
            state.confirmed = confirmed.map { Array(#"{"lead":"\#($0)"}"#.utf8) }
            return OutboxItem(key: key, opportunity: nil, state: state).leadValue
        }
        #expect(value(desired: "new", confirmed: "old") == "new")
        #expect(value(desired: nil, confirmed: "old") == "old")
        #expect(value(desired: nil, confirmed: nil) == Self.contact)
    }

    @Test func onlyRolesAreRoles() {
        #expect(DeliveryKey(.opportunity, "\(Self.opportunity)/\(Self.contact)/x").role == nil)
        #expect(DeliveryKey(.role, "\(Self.opportunity)/nobody/x").role == nil)
        #expect(DeliveryKey(.role, "\(Self.opportunity)/\(Self.contact)").role == nil)
    }
}
