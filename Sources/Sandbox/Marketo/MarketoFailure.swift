/// A Marketo error code with its message, for a whole call or for one record.
struct MarketoFailure: Error, Hashable, Sendable {
    let code: String
    let message: String

    init(_ code: String, _ message: String? = nil) {
        self.code = code
        self.message = message ?? Self.messages[code] ?? "Failed on request"
    }

    /// The messages of codes that say nothing about the call at hand.
    private static let messages = [
        "601": "Access token invalid", "602": "Access token expired", "603": "Access denied",
        "604": "Request time-out", "605": "HTTP Method not supported",
        "606": "Max rate limit '100' exceeded with in '20' secs",
        "607": "Daily quota reached", "608": "API temporarily unavailable", "609": "Invalid JSON",
        "610": "Requested resource not found", "611": "System error", "612": "Invalid Content Type",
        "614": "Invalid Subscription", "615": "Concurrent access limit reached",
        "713": "Transient error", "718": "externalSalesPersonId not found",
        "1004": "Lead not found", "1005": "Lead already exists", "1007": "Multiple leads match the lookup criteria",
        "1009": "Partition name must be provided",
        "1013": "Object not found", "1017": "Object already exists", "1018": "CRM Enabled",
        "1021": "Company update not allowed", "1022": "Object in use", "1036": "Duplicate object in input",
    ]
}

extension MarketoFailure {
    static func wrongType(_ value: String, _ type: FieldType) -> MarketoFailure {
        MarketoFailure("1001", "Invalid value '\(value.prefix(60))'. Required of type '\(type.rawValue)'")
    }
    static func missing(_ name: String) -> MarketoFailure {
        MarketoFailure("1002", "Missing value for the required parameter '\(name)'")
    }
    static func invalid(_ what: String) -> MarketoFailure { MarketoFailure("1003", what) }
    static func blank(_ name: String) -> MarketoFailure { MarketoFailure("701", "\(name) cannot be blank") }
    static func unknownField(_ name: String) -> MarketoFailure {
        MarketoFailure("1006", "Field '\(name.prefix(60))' not found")
    }
}
