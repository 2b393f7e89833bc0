/// The two webhooks of Oneway.
public enum WebhookRole: String, Hashable, Sendable, CaseIterable {
    /// Reports changes after they have happened.
    case data = "Oneway"
    /// The guard (R2): Dynamics asks it before an opportunity is created.
    case guarding = "Oneway guard"

    /// The webhook's name in Dynamics, by which it is recognized when its address has changed.
    public var name: String { rawValue }
}

/// What a step reacts to.
public struct StepEvent: Hashable, Sendable {
    public let message: String
    public let entity: Entity

    public init(_ message: String, of entity: Entity) { (self.message, self.entity) = (message, entity) }

    public var says: String { "\(message) of \(entity.rawValue)" }
}

/// How Dynamics sends the key: what a webhook's `authtype` can be.
public enum WebhookAuthentication: Int, Hashable, Sendable {
    case key = 4
    case header = 5
    case query = 6
}

/// A webhook as it should be registered, with its steps.
public struct WantedWebhook: Hashable, Sendable {
    public let role: WebhookRole
    public let values: RegistrationValues
    public let steps: [WantedStep]

    public var url: String {
        if case .text(let url) = values["url"] { url } else { "" }
    }

    /// The webhook that receives what these rules read.
    public init(_ book: RuleBook, url: String, authentication: WebhookAuthentication) {
        self.init(.data, url, authentication, book.registration.map(WantedStep.init))
    }

    /// The webhook that is asked before an opportunity is created.
    public init(guardAt url: String, authentication: WebhookAuthentication) {
        self.init(.guarding, url, authentication, [WantedStep.guarding])
    }

    private init(_ role: WebhookRole, _ url: String, _ authentication: WebhookAuthentication, _ steps: [WantedStep]) {
        self.role = role
        self.steps = steps
        values = [
            "name": .text(role.name), "url": .text(url), "contract": .number(8),
            "authtype": .number(authentication.rawValue),
        ]
    }
}

/// A step as it should be registered.
public struct WantedStep: Hashable, Sendable {
    public let event: StepEvent
    public let values: RegistrationValues
    public let image: WantedImage?

    init(_ step: RegisteredStep) {
        event = StepEvent(step.message, of: step.entity)
        values = Self.values(event, stage: 40, mode: 1, filter: step.filter)
        image = step.image.map(WantedImage.init)
    }

    /// Synchronous, and before the transaction begins.
    static let guarding = WantedStep(StepEvent("Create", of: .opportunity), stage: 10, mode: 0)

    private init(_ event: StepEvent, stage: Int, mode: Int) {
        self.event = event
        values = Self.values(event, stage: stage, mode: mode, filter: [])
        image = nil
    }

    private static func values(_ event: StepEvent, stage: Int, mode: Int, filter: [String]) -> RegistrationValues {
        [
            "name": .text("Oneway: \(event.says)"), "stage": .number(stage), "mode": .number(mode), "rank": .number(1),
            "supporteddeployment": .number(0), "asyncautodelete": .flag(mode == 1),
            "filteringattributes": .columns(filter.sorted()), "statecode": .number(0),
        ]
    }
}

/// The image of a step as it should be registered.
public struct WantedImage: Hashable, Sendable {
    public let values: RegistrationValues

    init(_ image: RegisteredStep.Image) {
        let name = image.kind.rawValue
        values = [
            "name": .text(name), "entityalias": .text(name), "imagetype": .number(image.kind == .pre ? 0 : 1),
            "messagepropertyname": .text("Target"), "attributes": .columns(image.columns.sorted()),
        ]
    }
}
