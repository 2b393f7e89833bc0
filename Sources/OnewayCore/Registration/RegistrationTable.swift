/// The three tables of Dynamics that hold a registration, with the columns that Oneway sets and compares.
///
/// `authvalue`, the key of a webhook, is not among them: it is write-only.
public enum RegistrationTable: String, Hashable, Sendable {
    case endpoint = "serviceendpoint"
    case step = "sdkmessageprocessingstep"
    case image = "sdkmessageprocessingstepimage"

    public struct Column: Hashable, Sendable {
        public enum Kind: Sendable { case text, number, flag, columns }

        public let name: String
        public let kind: Kind
        /// The meaning of numbers, for people.
        var labels: [Int: String] = [:]

        init(_ name: String, _ kind: Kind, labels: [Int: String] = [:]) {
            (self.name, self.kind, self.labels) = (name, kind, labels)
        }
    }

    public var setName: String { rawValue + "s" }
    public var key: String { rawValue + "id" }

    public var columns: [Column] {
        switch self {
        case .endpoint: Self.webhookColumns
        case .step: Self.stepColumns
        case .image: Self.imageColumns
        }
    }

    private static let webhookColumns = [
        Column("name", .text), Column("url", .text), Column("contract", .number, labels: [8: "webhook"]),
        Column("authtype", .number, labels: [4: "WebhookKey", 5: "HttpHeader", 6: "HttpQueryString"]),
    ]

    private static let stepColumns = [
        Column("name", .text),
        Column("stage", .number, labels: [10: "PreValidation", 20: "PreOperation", 40: "PostOperation"]),
        Column("mode", .number, labels: [0: "synchronous", 1: "asynchronous"]), Column("rank", .number),
        Column("supporteddeployment", .number), Column("asyncautodelete", .flag),
        Column("filteringattributes", .columns),
        Column("statecode", .number, labels: [0: "enabled", 1: "disabled"]),
    ]

    private static let imageColumns = [
        Column("name", .text), Column("entityalias", .text),
        Column("imagetype", .number, labels: [0: "pre", 1: "post", 2: "both"]),
        Column("messagepropertyname", .text), Column("attributes", .columns),
    ]
}

/// The value of a column of a registration.
public enum RegistrationValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    /// Logical names, sorted: Dynamics keeps them separated by commas, in any order.
    case columns([String])
    case empty

    /// Reads a value of the Web API. Null is false, or no columns.
    public init(_ json: JSONValue?, _ kind: RegistrationTable.Column.Kind) {
        self =
            switch kind {
            case .text: json?.string.map { .text($0) } ?? .empty
            case .number: json?.int.map { .number($0) } ?? .empty
            case .flag: .flag(json?.bool ?? false)
            case .columns: .columns(Self.names(json?.string ?? ""))
            }
    }

    private static func names(_ list: String) -> [String] {
        Set(list.split { $0 == "," || $0 == " " }.map { $0.lowercased() }).sorted()
    }

    /// The value as the Web API takes it.
    public var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .int(number)
        case .flag(let flag): .bool(flag)
        case .columns(let names): names.isEmpty ? .null : .string(names.joined(separator: ","))
        case .empty: .null
        }
    }
}

/// The values of a row by column.
public typealias RegistrationValues = [String: RegistrationValue]
