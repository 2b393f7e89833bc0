import OnewayCore
import Sandbox

/// What the people of the stand-in's company do while the demo looks on, on a bad day for the notifications.
struct DemoChange: Sendable {
    let says: String
    let make: @Sendable (SandboxDataverse) async throws -> Void

    private init(_ says: String, _ make: @escaping @Sendable (SandboxDataverse) async throws -> Void) {
        self.says = says
        self.make = make
    }

    static let all = [
        DemoChange("Quay lighting, whose customer is an account with a contact, is worth more") {
            try await $0.update("opportunity", Company.opportunity(2), ["estimatedvalue": .money("61000")])
        },
        DemoChange("Warehouse robots moves on") {
            try await $0.update("opportunity", Company.opportunity(3), ["stepname": "4-Close"])
        },
        DemoChange("it gets a stakeholder") {
            try await $0.connect(Company.opportunity(3), Company.contact(6))
        },
        DemoChange("a new opportunity, whose customer is a contact") {
            try await $0.create(
                "opportunity",
                [
                    "name": "Bilge pumps", "estimatedvalue": .money("7500"), "stepname": "1-Qualify",
                    "customerid": .lookup(RowReference("contact", Company.contact(8))),
                ]
            )
        },
        DemoChange("Trail signs is won") { try await $0.close(Company.opportunity(4), won: true) },
        DemoChange("Espresso bar changes, and Dynamics sends it twice") {
            $0.add(WebhookFault(.double))
            try await $0.update("opportunity", Company.opportunity(1), ["closeprobability": .number("30")])
        },
        DemoChange("Fabrikam is renamed") {
            try await $0.update("account", Company.account(2), ["name": "Fabrikam Nordic"])
        },
        DemoChange("Marketo's own user creates an opportunity") {
            try await $0.create(
                "opportunity",
                ["name": "Came back", "customerid": .lookup(RowReference("account", Company.account(1)))],
                .init(user: Company.marketoUser)
            )
        },
    ]
}
