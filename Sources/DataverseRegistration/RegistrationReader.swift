import DataverseClient
import OnewayCore

/// Reads what is registered. Steps are read only of Oneway's webhooks; of others, only name and address.
struct RegistrationReader: Sendable {
    let client: DataverseClient

    /// - Parameter events: The events of steps to be registered.
    func catalogue(_ events: Set<StepEvent>) async throws(RegistrationFailure) -> StepCatalogue {
        let names = Set(events.map(\.message)).sorted().map { "name eq '\($0)'" }
        let tables = Entity.reported.map { "primaryobjecttypecode eq '\($0.rawValue)'" }
        return try await StepCatalogue(
            messages: rows("sdkmessages", "sdkmessage", ["sdkmessageid", "name"], names.joined(separator: " or ")),
            filters: rows(
                "sdkmessagefilters",
                "sdkmessagefilter",
                ["sdkmessagefilterid", "primaryobjecttypecode", "_sdkmessageid_value"],
                "iscustomprocessingstepallowed eq true and (\(tables.joined(separator: " or ")))"
            )
        )
    }

    func webhooks(
        _ isOwn: ([FoundWebhook]) throws(AmbiguousWebhook) -> Set<GUID>,
        _ catalogue: StepCatalogue
    ) async throws -> [FoundWebhook] {
        let names = Self.names(.endpoint) + ["isauthvalueset"]
        var webhooks = try await rows(.endpoint, names, "contract eq 8").compactMap { row in
            row.guid(RegistrationTable.endpoint.key).map {
                FoundWebhook($0, row.values(.endpoint), isKeySet: row["isauthvalueset"]?.bool ?? false)
            }
        }
        let own = try isOwn(webhooks)
        for index in webhooks.indices where own.contains(webhooks[index].id) {
            webhooks[index].steps = try await steps(of: webhooks[index].id, catalogue)
        }
        return webhooks
    }

    private func steps(of webhook: GUID, _ catalogue: StepCatalogue) async throws(RegistrationFailure) -> [FoundStep] {
        var steps = try await rows(
            "\(RegistrationTable.endpoint.setName)(\(webhook))/serviceendpoint_sdkmessageprocessingstep",
            RegistrationTable.step.rawValue,
            Self.names(.step) + ["_sdkmessagefilterid_value"]
        ).compactMap { row in
            row.guid(RegistrationTable.step.key).map {
                FoundStep($0, catalogue.event(filter: row.guid("_sdkmessagefilterid_value")), row.values(.step))
            }
        }
        for first in stride(from: 0, to: steps.count, by: Self.stepsOfAQuery) {
            let some = steps[first..<min(first + Self.stepsOfAQuery, steps.count)]
            let images = try await images(of: some.map(\.id))
            for index in some.indices { steps[index].images = images[steps[index].id] ?? [] }
        }
        return steps
    }

    /// Keeps addresses short.
    private static let stepsOfAQuery = 20

    private func images(of steps: [GUID]) async throws(RegistrationFailure) -> [GUID: [FoundImage]] {
        let step = "_sdkmessageprocessingstepid_value"
        var images: [GUID: [FoundImage]] = [:]
        let filter = steps.map { "\(step) eq \($0)" }.joined(separator: " or ")
        for row in try await rows(.image, Self.names(.image) + [step], filter) {
            guard let id = row.guid(RegistrationTable.image.key), let of = row.guid(step) else { continue }
            images[of, default: []].append(FoundImage(id, row.values(.image)))
        }
        return images
    }

    private static func names(_ table: RegistrationTable) -> [String] { [table.key] + table.columns.map(\.name) }

    private func rows(
        _ table: RegistrationTable,
        _ select: [String],
        _ filter: String
    ) async throws(RegistrationFailure) -> [JSONValue] {
        try await rows(table.setName, table.rawValue, select, filter)
    }

    private func rows(
        _ path: String,
        _ table: String,
        _ select: [String],
        _ filter: String? = nil
    ) async throws(RegistrationFailure) -> [JSONValue] {
        let filtered = filter.map { "&$filter=\(PercentEncoding.encoded($0))" } ?? ""
        let query = "$select=\(select.joined(separator: ","))\(filtered)"
        return try await client.registrationRows("\(path)?\(query)", table: table).orThrow()
    }
}
