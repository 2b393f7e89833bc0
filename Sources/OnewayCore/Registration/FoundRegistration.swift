/// A webhook as Dynamics has it, with its steps if it is Oneway's.
public struct FoundWebhook: Hashable, Sendable {
    public let id: GUID
    public var values: RegistrationValues
    /// Whether it has a key; which one, nobody can read.
    public var isKeySet: Bool
    public var steps: [FoundStep]

    public init(_ id: GUID, _ values: RegistrationValues, isKeySet: Bool, steps: [FoundStep] = []) {
        self.id = id
        self.values = values
        // Dynamics ignores a slash at the end.
        if case .text(let url) = values["url"], url.hasSuffix("/") {
            self.values["url"] = .text(String(url.dropLast()))
        }
        self.isKeySet = isKeySet
        self.steps = steps
    }
}

extension FoundWebhook {
    /// Where it sends to, without a query: somebody may have written a key there.
    var address: String {
        guard case .text(let url) = values["url"] else { return "" }
        let address = url.prefix { $0 != "?" }
        return String(address.last == "/" ? address.dropLast() : address)
    }
}

/// A step as Dynamics has it.
public struct FoundStep: Hashable, Sendable {
    public let id: GUID
    /// Nil: none that Oneway registers.
    public let event: StepEvent?
    public var values: RegistrationValues
    public var images: [FoundImage]

    public init(_ id: GUID, _ event: StepEvent?, _ values: RegistrationValues, images: [FoundImage] = []) {
        (self.id, self.event, self.values, self.images) = (id, event, values, images)
    }
}

/// An image as Dynamics has it.
public struct FoundImage: Hashable, Sendable {
    public let id: GUID
    public var values: RegistrationValues

    public init(_ id: GUID, _ values: RegistrationValues) { (self.id, self.values) = (id, values) }
}

/// Several webhooks have the name by which one is looked for, and none has the address.
public struct AmbiguousWebhook: Error, Hashable, Sendable {
    public let name: String
    public let urls: [String]
}

extension WebhookRole {
    /// Those of the webhooks that are Oneway's: the ones with its address, since they send to it; if there are none, the one with
    /// its name, whose address then has changed. Steps belong to Oneway if their webhook does. Nothing else is ever touched.
    public func own(_ webhooks: [FoundWebhook], url: String?) throws(AmbiguousWebhook) -> [FoundWebhook] {
        if let url {
            let same = webhooks.filter { $0.address == url }
            if !same.isEmpty {
                // One is kept: the one with the name, or else the one with the lowest id.
                return same.sorted { (rank($0), $0.id) < (rank($1), $1.id) }
            }
        }
        let named = webhooks.filter { $0.values["name"] == .text(name) }
        guard named.count <= 1 else {
            throw AmbiguousWebhook(name: name, urls: named.map(\.address).sorted())
        }
        return named
    }

    private func rank(_ webhook: FoundWebhook) -> Int { webhook.values["name"] == .text(name) ? 0 : 1 }
}
