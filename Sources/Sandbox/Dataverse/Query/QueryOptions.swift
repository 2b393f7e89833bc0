/// The OData query options of a call.
struct QueryOptions: Sendable {
    struct Order: Hashable, Sendable {
        let property: String
        let isDescending: Bool
    }

    /// Property names in the order of the request; nil: all.
    var select: [String]?
    var filter: FilterExpression?
    var order: [Order] = []
    var top: Int?
    var wantsCount = false
    var expand: String?
    var skipToken: String?
    var deltaToken: String?
    /// The options to repeat in the links to further pages.
    var lasting: [(name: String, value: String)] = []

    init(_ parameters: Parameters) throws(DataverseError) {
        for name in parameters.names.sorted() {
            guard let value = parameters[name] else { continue }
            switch name {
            case "$select": select = try Self.names(value, name)
            case "$filter": filter = try FilterParser.expression(value)
            case "$orderby": order = try Self.orders(value)
            case "$top": top = try Self.number(value)
            case "$count": wantsCount = try Self.flag(value)
            case "$expand": expand = value
            case "$skiptoken": skipToken = value
            case "$deltatoken": deltaToken = value
            case "$skip": throw DataverseError(400, "0x80060888", "Skip Clause is not supported in CRM")
            default: throw .bad("The query parameter '\(name.prefix(80))' is not supported.")
            }
            if name != "$skiptoken", name != "$deltatoken" { lasting.append((name, value)) }
        }
    }

    private static func names(_ text: String, _ option: String) throws(DataverseError) -> [String] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
        guard names.allSatisfy({ !$0.isEmpty }) else { throw .bad("\(option) has an empty name.") }
        return names
    }

    private static func orders(_ text: String) throws(DataverseError) -> [Order] {
        var orders: [Order] = []
        for name in try names(text, "$orderby") {
            let words = name.split(separator: " ")
            guard words.count <= 2, words.count < 2 || words[1] == "asc" || words[1] == "desc" else {
                throw .bad("Syntax error in '\(text.prefix(200))'.")
            }
            orders.append(Order(property: String(words[0]), isDescending: words.count == 2 && words[1] == "desc"))
        }
        return orders
    }

    private static func number(_ text: String) throws(DataverseError) -> Int {
        guard let number = Int(text), number > 0 else {
            throw .bad("Invalid value '\(text.prefix(20))' for $top query option found.")
        }
        return number
    }

    private static func flag(_ text: String) throws(DataverseError) -> Bool {
        guard text == "true" || text == "false" else {
            throw .bad("Invalid value '\(text.prefix(20))' for $count query option found.")
        }
        return text == "true"
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
