import Foundation

/// The content of a `Notification` as Codable types: the same envelope members, the same parameters and images, each
/// column's value typed. Members that are not declared (the parent context, formatted values) are not decoded.
struct FoundationNotification: Decodable {
    let MessageName: String
    let PrimaryEntityName: String
    let PrimaryEntityId: String?
    let OrganizationId: String?
    let OrganizationName: String?
    let InitiatingUserId: String?
    let UserId: String?
    let Mode: Int?
    let Stage: Int?
    let Depth: Int?
    let IsInTransaction: Bool?
    let OperationId: String?
    let OperationCreatedOn: String?
    let CorrelationId: String?
    let RequestId: String?
    let OwningExtension: Reference?
    let InputParameters: [Pair]
    let PreEntityImages: [Pair]
    let PostEntityImages: [Pair]

    struct Reference: Decodable {
        let Id: String
        let LogicalName: String
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
