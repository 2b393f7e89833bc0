/// Checks registrations as Dataverse does.
struct RegistrationCheck: Sendable {
    let book: DataverseBook

    func check(_ row: Row) throws(DataverseError) {
        switch row.table {
        case "serviceendpoint": try endpoint(row)
        case "sdkmessageprocessingstep": try step(row)
        case "sdkmessageprocessingstepimage": try image(row)
        default: break
        }
    }

    private func endpoint(_ row: Row) throws(DataverseError) {
        try needs(["name", "url", "contract", "authtype", "authvalue"], row)
        guard row.values["contract"]?.choice == 8 else {
            throw .invalid("This stand-in supports only webhooks: contract 8.")
        }
        guard let url = row.values["url"]?.text, url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw .invalid("The url of a webhook begins with https:// or http://.")
        }
        let type = row.values["authtype"]?.choice
        guard let secret = row.values["authvalue"]?.text, EndpointSecret(type: type, value: secret) != nil else {
            throw .invalid("The authvalue does not fit the authtype \(type ?? 0).")
        }
    }

    private func step(_ row: Row) throws(DataverseError) {
        try needs(["name", "stage", "mode", "eventhandler", "sdkmessageid"], row)
        guard row.values["mode"]?.choice == 0 || row.values["stage"]?.choice == 40 else {
            throw DataverseError(
                400,
                "0x80044184",
                "Only PostOperation stage is supported for asynchronous execution mode."
            )
        }
        let table = try table(row)
        if let names = row.values["filteringattributes"]?.text, !names.isEmpty {
            guard book.messageName(row) == "Update" else {
                throw .invalid("Filtering attributes are for steps on Update.")
            }
            try known(names, table)
        }
    }

    private func image(_ row: Row) throws(DataverseError) {
        try needs(["entityalias", "imagetype", "messagepropertyname", "sdkmessageprocessingstepid"], row)
        guard let step = row.values["sdkmessageprocessingstepid"]?.reference.flatMap({ book.row($0) }),
            let message = book.messageName(step), let properties = Self.imageProperties[message]
        else {
            throw DataverseError(400, "0x8004418d", "This message does not support images.")
        }
        guard let property = row.values["messagepropertyname"]?.text, properties.contains(property) else {
            throw DataverseError(
                400,
                "0x8004418e",
                "The messagepropertyname of \(message) is \(properties.joined(separator: " or "))."
            )
        }
        let type = row.values["imagetype"]?.choice ?? 0
        if message == "Create", type != 1 { throw .invalid("PreImage is not supported on Create.") }
        if message == "Delete", type != 0 { throw .invalid("PostImage is not supported on Delete.") }
        if type != 0, step.values["stage"]?.choice != 40 {
            throw .invalid("PostImage is supported only for steps of the post-operation stage.")
        }
        if let names = row.values["attributes"]?.text, !names.isEmpty { try known(names, table(step)) }
    }

    /// The messages that support images, with the message properties.
    private static let imageProperties = [
        "Assign": ["Target"], "Create": ["Id"], "Delete": ["Target"], "Merge": ["Target", "SubordinateId"],
        "SetState": ["EntityMoniker"], "Update": ["Target"],
    ]

    /// Returns the table of a step's filter; nil for a step without one.
    private func table(_ step: Row) throws(DataverseError) -> Table? {
        guard let filter = step.values["sdkmessagefilterid"]?.reference.flatMap({ book.row($0) }) else { return nil }
        guard filter.values["sdkmessageid"] == step.values["sdkmessageid"] else {
            throw .invalid("The sdkmessagefilterid is one of another message.")
        }
        guard filter.values["iscustomprocessingstepallowed"]?.flag == true else {
            throw .invalid("Custom steps are not allowed on this message.")
        }
        return filter.values["primaryobjecttypecode"]?.text.flatMap { book.tables[$0] }
    }

    private func known(_ names: String, _ table: Table?) throws(DataverseError) {
        guard let table else { return }
        for name in names.split(separator: ",") where table.column(String(name)) == nil {
            throw .invalid("'\(table.name)' has no attribute '\(name.prefix(80))'.")
        }
    }

    private func needs(_ columns: [String], _ row: Row) throws(DataverseError) {
        for column in columns where row.values[column] == nil {
            throw .invalid("Required field '\(column)' is missing")
        }
    }
}

extension DataverseBook {
    func messageName(_ step: Row) -> String? {
        step.values["sdkmessageid"]?.reference.flatMap { row($0) }?.values["name"]?.text
    }
}
