public import OnewayCore

/// A step as Dynamics tells it.
public struct FoundStep: Hashable, Sendable {
    public let id: GUID
    public let name: String
    public let messageFilter: GUID?
    public let filteringColumns: Set<String>
    public let isAsynchronous: Bool
    public let isEnabled: Bool

    init?(_ json: JSONValue) {
        guard let id = json["sdkmessageprocessingstepid"]?.string.flatMap({ GUID($0) }), let name = json["name"]?.string
        else { return nil }
        (self.id, self.name) = (id, name)
        messageFilter = json["_sdkmessagefilterid_value"]?.string.flatMap { GUID($0) }
        filteringColumns = Set((json["filteringattributes"]?.string ?? "").split(separator: ",").map(String.init))
        isAsynchronous = json["mode"]?.int == 1
        isEnabled = json["statecode"]?.int == 0
    }

    static let select =
        "sdkmessageprocessingstepid,name,mode,statecode,filteringattributes,_sdkmessagefilterid_value"
}

/// An image as Dynamics tells it.
public struct FoundImage: Hashable, Sendable {
    public let id: GUID
    public let kind: RegisteredStep.Image.Kind?
    public let columns: Set<String>

    init?(_ json: JSONValue) {
        guard let id = json["sdkmessageprocessingstepimageid"]?.string.flatMap({ GUID($0) }) else { return nil }
        self.id = id
        kind = json["imagetype"]?.int.flatMap { [0: .pre, 1: .post][$0] }
        columns = Set((json["attributes"]?.string ?? "").split(separator: ",").map(String.init))
    }

    static let select = "sdkmessageprocessingstepimageid,imagetype,attributes"
}

/// The message of a table to which a step is attached.
public struct MessageFilter: Hashable, Sendable {
    let id: GUID
    let message: GUID
}

extension RegisteredStep {
    /// The columns come last, so that the same values can be sent to a step that exists.
    func json(name: String) -> JSON {
        [
            "name": .string(name), "stage": 40, "mode": 1, "rank": 1, "supporteddeployment": 0, "asyncautodelete": true,
            "filteringattributes": .optional(filter.isEmpty ? nil : filter.joined(separator: ",")),
        ]
    }

    /// What Dynamics calls the part of the message that an image is of.
    private var imageProperty: String { message == "Create" ? "Id" : "Target" }

    func json(of image: Image) -> JSON {
        [
            "name": .string(image.kind.rawValue), "entityalias": .string(image.kind.rawValue),
            "imagetype": image.kind == .pre ? 0 : 1, "messagepropertyname": .string(imageProperty),
            "attributes": .string(image.columns.joined(separator: ",")),
        ]
    }
}

extension JSON {
    /// An object with look-ups to rows of other tables besides.
    func bound(to rows: [(navigation: String, set: String, id: GUID)]) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members + rows.map { .init("\($0.navigation)@odata.bind", .string("/\($0.set)(\($0.id))")) })
    }
}
