public import DataverseClient
public import OnewayCore

/// Registers webhooks in Dynamics: service endpoints, their steps, and the steps' images. Nothing else can be written
/// (R1), and only the command links this part: the service never does.
///
/// It needs more rights than reading does: System Administrator, or System Customizer.
public struct WebhookRegistry: Sendable {
    private let client: DataverseClient

    public init(_ client: DataverseClient) { self.client = client }

    // MARK: Reading

    /// All webhooks of the environment.
    public func endpoints() async -> DataverseOutcome<[FoundEndpoint]> {
        let path = "serviceendpoints?$select=serviceendpointid,name,url&$filter=contract%20eq%208"
        return await found(path, .endpoint) { FoundEndpoint($0) }
    }

    public func steps(of endpoint: GUID) async -> DataverseOutcome<[FoundStep]> {
        let path = "serviceendpoints(\(endpoint))/serviceendpoint_sdkmessageprocessingstep?$select=\(FoundStep.select)"
        return await found(path, .step) { FoundStep($0) }
    }

    public func images(of step: GUID) async -> DataverseOutcome<[FoundImage]> {
        let filter = PercentEncoding.encoded("_sdkmessageprocessingstepid_value eq \(step)")
        let path = "sdkmessageprocessingstepimages?$select=\(FoundImage.select)&$filter=\(filter)"
        return await found(path, .image) { FoundImage($0) }
    }

    /// Nil: this table has no such message, or none that steps can be attached to.
    public func messageFilter(_ message: String, of entity: Entity) async -> DataverseOutcome<MessageFilter?> {
        let filter = PercentEncoding.encoded(
            "primaryobjecttypecode eq '\(entity.rawValue)' and sdkmessageid/name eq '\(message)'"
                + " and iscustomprocessingstepallowed eq true"
        )
        let path = "sdkmessagefilters?$select=sdkmessagefilterid,_sdkmessageid_value&$filter=\(filter)"
        return await client.registrationRows(path, table: "sdkmessagefilter").map { rows in
            rows.lazy.compactMap { row in
                guard let id = row["sdkmessagefilterid"]?.string.flatMap({ GUID($0) }),
                    let message = row["_sdkmessageid_value"]?.string.flatMap({ GUID($0) })
                else { return nil }
                return MessageFilter(id: id, message: message)
            }.first
        }
    }

    private func found<Row>(
        _ path: String,
        _ table: RegistrationTable,
        _ row: (JSONValue) -> Row?
    ) async -> DataverseOutcome<[Row]> {
        await client.registrationRows(path, table: table.rawValue).map { $0.compactMap(row) }
    }

    // MARK: Writing

    /// Returns the id.
    public func create(_ endpoint: WebhookEndpoint) async -> DataverseOutcome<GUID> {
        await created(.endpoint, endpoint.json)
    }

    public func update(_ id: GUID, to endpoint: WebhookEndpoint) async -> DataverseOutcome<Void> {
        await done(.update(.endpoint, id, endpoint.json))
    }

    /// Returns the id. The image is created separately.
    public func create(
        _ step: RegisteredStep,
        name: String,
        at filter: MessageFilter,
        of endpoint: GUID
    ) async -> DataverseOutcome<GUID> {
        let json = step.json(name: name).bound(to: [
            ("eventhandler_serviceendpoint", "serviceendpoints", endpoint),
            ("sdkmessageid", "sdkmessages", filter.message), ("sdkmessagefilterid", "sdkmessagefilters", filter.id),
        ])
        return await created(.step, json)
    }

    /// Changes what can differ, and switches it on.
    public func update(_ id: GUID, to step: RegisteredStep, name: String) async -> DataverseOutcome<Void> {
        guard case .object(let members) = step.json(name: name) else { return .success(()) }
        let isOn: [JSON.Member] = [.init("statecode", 0), .init("statuscode", 1)]
        return await done(.update(.step, id, .object(members + isOn)))
    }

    /// Returns the id.
    public func create(
        _ image: RegisteredStep.Image,
        of step: RegisteredStep,
        withID id: GUID
    ) async -> DataverseOutcome<GUID> {
        let rows = [("sdkmessageprocessingstepid", "sdkmessageprocessingsteps", id)]
        return await created(.image, step.json(of: image).bound(to: rows))
    }

    /// Changes the columns of an image.
    public func update(_ id: GUID, to image: RegisteredStep.Image) async -> DataverseOutcome<Void> {
        await done(.update(.image, id, ["attributes": .string(image.columns.joined(separator: ","))]))
    }

    /// Dynamics keeps an endpoint that has steps: they go first.
    public func delete(endpoint: GUID) async -> DataverseOutcome<Void> { await done(.delete(.endpoint, endpoint)) }

    /// With its images.
    public func delete(step: GUID) async -> DataverseOutcome<Void> { await done(.delete(.step, step)) }

    public func delete(image: GUID) async -> DataverseOutcome<Void> { await done(.delete(.image, image)) }

    private func created(_ table: RegistrationTable, _ json: JSON) async -> DataverseOutcome<GUID> {
        await client.write(.create(table, json)).flatMap { id in
            id.map { .success($0) } ?? .failure(.unreadable("Dynamics did not tell the id of what it created"))
        }
    }

    private func done(_ write: RegistrationWrite) async -> DataverseOutcome<Void> {
        await client.write(write).map { _ in () }
    }
}
