public import OnewayCore

/// A notification to send for a step: the system job of an asynchronous step.
struct Delivery: Sendable {
    let request: WebhookRequest
    let step: StepRegistration
    let message: String
    let row: RowReference
    let operation: GUID
    let names: RequestNames
    let depth: Int
    let created: Timestamp
    /// Too large even after the cut: not sent at all.
    let isTooLarge: Bool

    /// The limit applies before the text is encoded twice.
    static let bodyBytesMax = 262_144

    init(_ writer: ContextWriter, host: String, isCutOnRequest: Bool) {
        let event = writer.event
        var body = writer.body(isCut: isCutOnRequest)
        let isCut = isCutOnRequest || body.count > Self.bodyBytesMax
        if isCut, !isCutOnRequest { body = writer.body(isCut: true) }
        isTooLarge = body.count > Self.bodyBytesMax
        var headers = [
            ("Content-Type", "application/json"), ("x-ms-dynamics-organization", host),
            ("x-ms-dynamics-entity-name", event.table), ("x-ms-dynamics-request-name", event.message),
            ("x-ms-correlation-request-id", "\(writer.names.correlation)"),
        ]
        if isCut { headers.append(("x-ms-dynamics-msg-size-exceeded", "true")) }
        if case .headers(let pairs) = writer.step.secret { headers += pairs.map { ($0.name, $0.value) } }
        request = WebhookRequest(
            url: writer.step.secret.address(writer.step.url),
            headers: headers,
            body: WireText.encodedTwice(body)
        )
        step = writer.step
        message = event.message
        row = RowReference(event.table, event.id)
        operation = writer.operation
        names = writer.names
        depth = event.origin.depth
        created = event.at
    }

    /// Nil stands for no answer.
    static func isSuccess(_ status: Int?) -> Bool { status.map { (200...299).contains($0) } ?? false }

    /// Whether Dataverse immediately tries once more.
    static func isTriedAgain(_ status: Int?) -> Bool { status == 502 || status == 503 || status == 504 }
}

/// The outcome of a delivery.
public struct DeliveryRecord: Sendable, Hashable {
    public let at: Timestamp
    public let message: String
    public let row: RowReference
    public let step: GUID
    public let operation: GUID
    /// The status of each attempt; nil: there was no answer.
    public let statuses: [Int?]
    public let isAsynchronous: Bool
    /// Not sent, because of a fault or its size.
    public let isDropped: Bool

    init(_ delivery: Delivery, _ statuses: [Int?], isDropped: Bool, at: Timestamp) {
        self.at = at
        message = delivery.message
        row = delivery.row
        step = delivery.step.id
        operation = delivery.operation
        self.statuses = statuses
        isAsynchronous = delivery.step.isAsynchronous
        self.isDropped = isDropped
    }

    public var isDelivered: Bool { statuses.last.map { Delivery.isSuccess($0) } ?? false }
}
