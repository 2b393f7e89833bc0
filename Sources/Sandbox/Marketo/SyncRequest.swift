import OnewayCore

/// `{"action", "dedupeBy" or "lookupField", "input"}`, or `{"deleteBy", "input"}`.
struct SyncRequest: Sendable {
    enum Action: String { case createOrUpdate, createOnly, updateOnly, createDuplicate }

    var action = Action.createOrUpdate
    var isByID = false
    /// For leads.
    var lookupField = "email"
    var partition: String?
    let input: [JSON]

    static let recordsMax = 300

    init(_ body: JSONValue, _ kind: MarketoKind) throws(MarketoFailure) {
        input = try Self.input(body)
        if let name = body["action"] {
            guard let action = name.string.flatMap(Action.init), action != .createDuplicate || kind == .lead else {
                throw .invalid("Invalid action")
            }
            self.action = action
        }
        if kind == .lead {
            if let field = body["lookupField"] {
                guard let field = field.string else { throw .invalid("Invalid lookupField") }
                lookupField = field
            }
            if let name = body["partitionName"] {
                guard let name = name.string else { throw .invalid("Invalid partitionName") }
                partition = name
            }
            isByID = lookupField == "id"
        } else {
            isByID = try Self.isByID(body["dedupeBy"], "dedupeBy")
        }
        if isByID, action != .updateOnly {
            throw .invalid("An id can be used with the action updateOnly alone")
        }
    }

    init(deleting body: JSONValue, _ kind: MarketoKind) throws(MarketoFailure) {
        input = try Self.input(body)
        isByID = kind == .lead ? true : try Self.isByID(body["deleteBy"], "deleteBy")
    }

    private static func isByID(_ value: JSONValue?, _ name: String) throws(MarketoFailure) -> Bool {
        switch value?.string {
        case "idField": true
        case "dedupeFields": false
        case nil where value == nil: false
        default: throw .invalid("Invalid \(name)")
        }
    }

    private static func input(_ body: JSONValue) throws(MarketoFailure) -> [JSON] {
        guard let input = body["input"], !input.elements.isEmpty else { throw .missing("input") }
        guard input.elements.count <= recordsMax else {
            throw .invalid("More than \(recordsMax) records in input")
        }
        return input.elements.map { JSON($0) }
    }
}
