/// The demo's notifications: some of `examples/notifications`, sent as Dynamics would on a bad day.
struct DemoNotification {
    let says: String
    let body: [UInt8]

    private init(_ says: String, _ body: [UInt8]) {
        self.says = says
        self.body = body
    }

    static let all = [
        DemoNotification(
            "a new amount, before the opportunity itself",
            PackageResources.opportunity_amount_updated_json
        ),
        DemoNotification(
            "an opportunity whose customer is a contact",
            PackageResources.opportunity_created_contact_json
        ),
        DemoNotification("the same notification once more", PackageResources.opportunity_created_contact_json),
        DemoNotification("an older amount, late", PackageResources.opportunity_amount_updated_late_json),
        DemoNotification("an opportunity with both on its form", PackageResources.opportunity_created_both_json),
        DemoNotification("a stakeholder's connection", PackageResources.connection_created_stakeholder_json),
        DemoNotification("its mirror row", PackageResources.connection_created_mirror_row_json),
        DemoNotification("a creation by Marketo's own user", PackageResources.opportunity_created_by_marketo_json),
        DemoNotification("one that cannot be used", PackageResources.opportunity_poison_json),
        DemoNotification(
            "an opportunity whose customer is an account",
            PackageResources.opportunity_created_account_json
        ),
        DemoNotification("the contact, and so its account", PackageResources.contact_created_json),
        DemoNotification("the account's name", PackageResources.account_created_json),
        DemoNotification("an opportunity is won", PackageResources.opportunity_won_json),
    ]

    /// Marketo's user in these examples.
    static let marketoUser = "e7a05b13-52c8-ef11-b8e8-000d3a2b4c6d"
}
