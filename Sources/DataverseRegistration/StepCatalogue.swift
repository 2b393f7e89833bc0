import OnewayCore

/// The ids that an environment uses for messages, and for messages of tables.
struct StepCatalogue: Sendable {
    struct Reference: Hashable, Sendable {
        let message: GUID
        let filter: GUID
    }

    private var references: [StepEvent: Reference] = [:]
    private var events: [GUID: StepEvent] = [:]

    /// - Parameters:
    ///   - messages: Rows of `sdkmessages`.
    ///   - filters: Rows of `sdkmessagefilters`.
    init(messages: [JSONValue], filters: [JSONValue]) {
        var names: [GUID: String] = [:]
        for row in messages {
            if let id = row.guid("sdkmessageid"), let name = row["name"]?.string { names[id] = name }
        }
        for row in filters {
            guard let filter = row.guid("sdkmessagefilterid"), let message = row.guid("_sdkmessageid_value"),
                let name = names[message], let table = row["primaryobjecttypecode"]?.string,
                let entity = Entity(rawValue: table)
            else { continue }
            let event = StepEvent(name, of: entity)
            events[filter] = event
            if references[event] == nil { references[event] = Reference(message: message, filter: filter) }
        }
    }

    subscript(event: StepEvent) -> Reference? { references[event] }

    /// The event of a step, by its filter; nil for one that Oneway does not know.
    func event(filter: GUID?) -> StepEvent? { filter.flatMap { events[$0] } }
}

extension JSONValue {
    func guid(_ name: String) -> GUID? { self[name]?.string.flatMap { GUID($0) } }

    func values(_ table: RegistrationTable) -> RegistrationValues {
        Dictionary(
            uniqueKeysWithValues: table.columns.map { ($0.name, RegistrationValue(self[$0.name], $0.kind)) }
        )
    }
}
