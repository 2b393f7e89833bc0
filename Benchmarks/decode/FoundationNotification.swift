import Foundation

/// The content of a `DynamicsNotification` as Codable types: the same envelope members, parameters and images, with
/// typed column values. Undeclared members (the parent context, formatted values) are not decoded.
struct FoundationNotification: Decodable {
    let messageName: String
    let primaryEntityName: String
    let primaryEntityId: String?
    let organizationId: String?
    let organizationName: String?
    let initiatingUserId: String?
    let userId: String?
    let mode: Int?
    let stage: Int?
    let depth: Int?
    let isInTransaction: Bool?
    let operationId: String?
    let operationCreatedOn: String?
    let correlationId: String?
    let requestId: String?
    let owningExtension: Reference?
    let inputParameters: [Pair]
    let preEntityImages: [Pair]
    let postEntityImages: [Pair]

    private enum CodingKeys: String, CodingKey {
        case messageName = "MessageName"
        case primaryEntityName = "PrimaryEntityName"
        case primaryEntityId = "PrimaryEntityId"
        case organizationId = "OrganizationId"
        case organizationName = "OrganizationName"
        case initiatingUserId = "InitiatingUserId"
        case userId = "UserId"
        case mode = "Mode"
        case stage = "Stage"
        case depth = "Depth"
        case isInTransaction = "IsInTransaction"
        case operationId = "OperationId"
        case operationCreatedOn = "OperationCreatedOn"
        case correlationId = "CorrelationId"
        case requestId = "RequestId"
        case owningExtension = "OwningExtension"
        case inputParameters = "InputParameters"
        case preEntityImages = "PreEntityImages"
        case postEntityImages = "PostEntityImages"
    }

    struct Reference: Decodable {
        let id: String
        let logicalName: String

        private enum CodingKeys: String, CodingKey {
            case id = "Id"
            case logicalName = "LogicalName"
        }
    }

    struct Pair: Decodable {
        let key: String
        let value: FoundationValue
    }
}

indirect enum FoundationValue: Decodable {
    case null
    case bool(Bool)
    case number(Decimal)
    case text(String)
    case reference(FoundationNotification.Reference)
    case choice(Int)
    case money(Decimal)
    case entity([FoundationNotification.Pair])
    case list([FoundationValue])
    case unknown

    private enum Key: String, CodingKey { case type = "__type", value = "Value", attributes = "Attributes" }

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let text = try? single.decode(String.self) {
            self = .text(text)
        } else if let object = try? decoder.container(keyedBy: Key.self) {
            try self.init(object, decoder)
        } else if let bool = try? single.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? single.decode(Decimal.self) {
            self = .number(number)
        } else {
            self = .list(try single.decode([FoundationValue].self))
        }
    }

    private init(_ object: KeyedDecodingContainer<Key>, _ decoder: any Decoder) throws {
        let type = try object.decodeIfPresent(String.self, forKey: .type)?.prefix { $0 != ":" }
        switch type {
        case "EntityReference": self = .reference(try FoundationNotification.Reference(from: decoder))
        case "OptionSetValue": self = .choice(try object.decode(Int.self, forKey: .value))
        case "Money": self = .money(try object.decode(Decimal.self, forKey: .value))
        default:
            let attributes = try object.decodeIfPresent([FoundationNotification.Pair].self, forKey: .attributes)
            self = attributes.map { .entity($0) } ?? .unknown
        }
    }
}
