public import DataverseClient
public import OnewayCore

/// Oneway's webhook as an environment has it: how it differs from what is needed, and what it could not deliver.
public struct OwnWebhook: Sendable {
    private let client: DataverseClient
    private let webhook: FoundWebhook

    /// Finds it by its name; nil if there is none.
    public init?(_ client: DataverseClient) async throws {
        self.client = client
        let events = RuleBook(RuleSettings()).registration.map { StepEvent($0.message, of: $0.entity) }
        let reader = RegistrationReader(client: client)
        let own = try await reader.webhooks(
            { webhooks throws(AmbiguousWebhook) in Set(try WebhookRole.data.own(webhooks, url: nil).map(\.id)) },
            try await reader.catalogue(Set(events))
        )
        guard let webhook = try WebhookRole.data.own(own, url: nil).first else { return nil }
        self.webhook = webhook
    }

    /// What registering for these rules would change, its address and its key left as they are.
    public func plan(_ book: RuleBook) throws(AmbiguousWebhook) -> RegistrationPlan {
        guard case .text(let url)? = webhook.values["url"], case .number(let number)? = webhook.values["authtype"],
            let authentication = WebhookAuthentication(rawValue: number)
        else { return try RegistrationPlan([], found: []) }
        let wanted = WantedWebhook(book, url: url, authentication: authentication)
        return try RegistrationPlan([.present(wanted)], found: [webhook])
    }
}

/// A notification that Dynamics could not deliver. It is not sent again: such a system job cannot be resumed.
public struct FailedNotification: Hashable, Sendable {
    public let message: String
    /// Nil: Dynamics does not say which record it was about.
    public let record: RecordKey?
    public let at: Timestamp
    /// In Dynamics' words.
    public let says: String
}

extension OwnWebhook {
    /// The most that are read, the newest of them.
    public static let failedMax = 1_000

    /// Newest first.
    public func failed(since: Timestamp) async throws(RegistrationFailure) -> [FailedNotification] {
        var failed: [FailedNotification] = []
        let steps = webhook.steps.map(\.id)
        for first in stride(from: 0, to: steps.count, by: Self.stepsOfAQuery) {
            let some = steps[first..<min(first + Self.stepsOfAQuery, steps.count)]
            let ofSteps = some.map { "_owningextensionid_value eq \($0)" }.joined(separator: " or ")
            let filter = "statuscode eq 31 and createdon ge \(Timestamp(second: since.second)) and (\(ofSteps))"
            let path =
                "asyncoperations?$select=messagename,primaryentitytype,_regardingobjectid_value,createdon,friendlymessage"
                + "&$filter=\(PercentEncoding.encoded(filter))&$orderby=createdon%20desc&$top=\(Self.failedMax)"
            let rows = try await client.registrationRows(path, table: "asyncoperation").orThrow()
            failed += rows.compactMap(FailedNotification.init)
        }
        return Array(failed.sorted { $0.at > $1.at }.prefix(Self.failedMax))
    }

    /// Keeps addresses short.
    private static let stepsOfAQuery = 20
}

extension FailedNotification {
    /// Nil if the row is not as documented.
    init?(_ job: JSONValue) {
        guard let at = job["createdon"]?.string.flatMap({ Timestamp(iso8601: $0) }) else { return nil }
        let entity = job["primaryentitytype"]?.string.flatMap { Entity(rawValue: $0) }
        let id = job.guid("_regardingobjectid_value")
        let record = entity.flatMap { entity in id.map { RecordKey(entity, $0) } }
        self.init(
            message: job["messagename"]?.string ?? "",
            record: record,
            at: at,
            says: job["friendlymessage"]?.string ?? ""
        )
    }
}
