import HTTPClient
import OnewayCore
import Sandbox

/// What the page's buttons do.
enum PlaygroundAction: String, CaseIterable {
    case save = "/actions/save"
    case create = "/actions/create"
    case win = "/actions/win"
    case lose = "/actions/lose"
    case breakMarketo = "/actions/break-marketo"
    case healMarketo = "/actions/heal-marketo"
    case dropWebhooks = "/actions/drop-webhooks"
    case sendWebhooks = "/actions/send-webhooks"
    case addStranger = "/actions/add-stranger"
    case createLeads = "/actions/create-leads"
    case read = "/actions/read"
    case retry = "/actions/retry"

    /// Told on the next page.
    var says: String {
        switch self {
        case .save: "Saved in Dynamics. Watch it arrive."
        case .create: "Created in Dynamics. Watch it arrive."
        case .win: "Won in Dynamics. Watch it arrive."
        case .lose: "Lost in Dynamics. Watch it arrive."
        case .breakMarketo: "Marketo is away. Save a change: Oneway keeps it, and tries again."
        case .healMarketo: "Marketo is back. Oneway tries again by itself, or at once if you ask it to."
        case .dropWebhooks:
            "Notifications are lost on their way from now on. Save a change: Oneway does not hear of it."
        case .sendWebhooks:
            "Notifications arrive again. Those that were lost stay lost: have Oneway read the opportunity."
        case .addStranger: "Someone whom Marketo does not know is now a stakeholder. The role waits for the lead."
        case .createLeads: "Marketo now knows everybody. Oneway looks again by itself, or at once if you ask it to."
        case .read: "Oneway has read the opportunity, and all it depends on, from Dynamics."
        case .retry: "Oneway tries everything again."
        }
    }

    /// Returns the opportunity to show.
    func run(_ form: PlaygroundForm, in world: DemoWorld) async throws -> GUID? {
        let (dataverse, marketo) = (world.dataverse, world.marketo)
        let opportunity = form.opportunity
        do {
            switch self {
            case .save: try await OpportunityForm(form).save(try Self.needed(opportunity), in: dataverse)
            case .create: return try await dataverse.create("opportunity", OpportunityForm(form).values())
            case .win, .lose: try await dataverse.close(try Self.needed(opportunity), won: self == .win)
            // An answer, unlike a cut connection, says that nothing was done: so there is no need to wait a minute.
            case .breakMarketo: if !marketo.hasFaults { marketo.add(Fault(.error(code: "608"), times: nil)) }
            case .healMarketo: marketo.clearFaults()
            case .dropWebhooks: if !dataverse.hasWebhookFaults { dataverse.add(WebhookFault(.drop, times: nil)) }
            case .sendWebhooks: dataverse.clearFaults()
            case .addStranger: try await Self.addStranger(to: try Self.needed(opportunity), in: dataverse)
            case .createLeads: for id in world.strangers { DemoWorld.seedLead(of: id, dataverse, marketo) }
            case .read:
                let id = try Self.needed(opportunity)
                try Self.check(await world.admin.send(.post, "/api/opportunities/\(id)/refresh"))
            case .retry:
                let all = JSON.object([.init("all", true)])
                try Self.check(await world.admin.send(.post, "/api/outbox/retry", body: all.encoded))
            }
        } catch let error as DataverseError {
            throw Failed(says: "Dynamics: \(error.message)")
        }
        return opportunity
    }

    private static func needed(_ opportunity: GUID?) throws(Failed) -> GUID {
        guard let opportunity else { throw Failed(says: "Choose an opportunity first.") }
        return opportunity
    }

    private static func check(_ answer: HTTPAnswer) throws(Failed) {
        guard !(200...299).contains(answer.status) else { return }
        throw Failed(says: "Oneway: \(answer.document?["detail"]?.string ?? "\(answer.status)")")
    }

    private static func addStranger(to opportunity: GUID, in dataverse: SandboxDataverse) async throws {
        let number = dataverse.ids("contact").count
        let contact = try await dataverse.create(
            "contact",
            [
                "firstname": "Noa", "lastname": .text("Newcomer \(number)"),
                "emailaddress1": .text("noa.\(number)@example.com"),
            ]
        )
        try await dataverse.connect(opportunity, contact)
    }
}

extension DemoWorld {
    /// The contacts who are no leads in Marketo.
    var strangers: [GUID] {
        let leads = Set(marketo.book.all(.lead).map { DemoTable.Members($0)["externalPersonId"] })
        return dataverse.ids("contact").filter { !leads.contains("\($0)") }
    }
}

/// The columns that the form edits.
struct OpportunityForm: Sendable {
    private let form: PlaygroundForm

    init(_ form: PlaygroundForm) { self.form = form }

    static let stages = ["1-Qualify", "2-Develop", "3-Propose", "4-Close"]

    func values() throws(Failed) -> SandboxDataverse.Values {
        guard let name = form["name"] else { throw Failed(says: "The opportunity needs a name.") }
        var values: SandboxDataverse.Values = ["name": .text(name)]
        values.updateValue(form["stepname"].map { .text($0) }, forKey: "stepname")
        values.updateValue(form["closeprobability"].map { .number($0) }, forKey: "closeprobability")
        values.updateValue(form["estimatedvalue"].map { .money($0) }, forKey: "estimatedvalue")
        values.updateValue(try customer(), forKey: "customerid")
        return values.filter { form.has($0.key) }
    }

    /// `account ID`, as the list of customers says it.
    private func customer() throws(Failed) -> ColumnValue? {
        guard let text = form["customerid"] else { return nil }
        let parts = text.split(separator: " ")
        guard parts.count == 2, ["account", "contact"].contains(parts[0]), let id = GUID(String(parts[1])) else {
            throw Failed(says: "The customer is not one of the list.")
        }
        return .lookup(RowReference(String(parts[0]), id))
    }

    /// Only what differs, as the forms of Dynamics do: which steps run depends on the columns that are sent.
    func save(_ opportunity: GUID, in dataverse: SandboxDataverse) async throws {
        guard let held = dataverse.row("opportunity", opportunity) else {
            throw Failed(says: "Dynamics does not have this opportunity.")
        }
        let changed = try values().filter { name, value in held[name] != value }
        if !changed.isEmpty { try await dataverse.update("opportunity", opportunity, changed) }
    }
}
