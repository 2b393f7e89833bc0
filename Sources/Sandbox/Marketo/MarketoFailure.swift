/// A Marketo error code with its message, for a whole call or for one record.
struct MarketoFailure: Error, Hashable, Sendable {
    let code: String
    let message: String

    init(_ code: String, _ message: String? = nil) {
        self.code = code
        self.message = message ?? Self.documented[code] ?? "(Marketo documents no words for this code)"
    }

    /// Marketo's words for each code, as its table of error codes has them; `%s` is what a call fills in.
    static let documented = [
        "500": "Internal Server error", "502": "Bad Gateway", "600": "Empty access token",
        "601": "Access token invalid", "602": "Access token expired", "603": "Access denied",
        "604": "Request time-out", "605": "HTTP Method not supported",
        "606": "Max rate limit '100' exceeded with in '20' secs",
        "607": "Daily quota reached", "608": "API Temporarily Unavailable", "609": "Invalid JSON",
        "610": "Requested resource not found", "611": "System error", "612": "Invalid Content Type",
        "613": "Invalid Multipart Request", "614": "Invalid Subscription",
        "615": "Concurrent access limit reached", "616": "Invalid subscription type",
        "701": "%s cannot be blank", "702": "No data found for a given search scenario",
        "703": "The feature is not enabled for the subscription", "704": "Invalid date format",
        "709": "Business Rule Violation", "713": "Transient Error", "718": "ExternalSalesPersonID not found",
        "1001": "Invalid value '%s'. Required of type '%s'",
        "1002": "Missing value for the required parameter '%s'", "1003": "Invalid data",
        "1004": "Lead not found", "1005": "Lead already exists", "1006": "Field '%s' not found",
        "1007": "Multiple leads match the lookup criteria", "1008": "Access denied to partition '%s'",
        "1009": "Partition name must be specified", "1010": "Partition update not allowed",
        "1011": "Field '%s' not supported", "1013": "Object not found", "1017": "Object already exists",
        "1018": "CRM Enabled", "1021": "Company update not allowed", "1022": "Object in use",
        "1036": "Duplicate object found in input",
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
    static func unsupported(_ name: String) -> MarketoFailure {
        MarketoFailure("1011", "Field '\(name.prefix(60))' not supported")
    }
    static func unknownField(_ name: String) -> MarketoFailure {
        MarketoFailure("1006", "Field '\(name.prefix(60))' not found")
    }
}
