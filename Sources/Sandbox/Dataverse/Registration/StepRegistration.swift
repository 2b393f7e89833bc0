import OnewayCore

/// A step with its endpoint and images, read from their rows.
struct StepRegistration: Sendable {
    struct Image: Sendable {
        let alias: String
        /// The message property: for a merge, `SubordinateId` stands for the losing row.
        let property: String
        let isPre: Bool
        let isPost: Bool
        /// Nil: all columns.
        let columns: Set<String>?
    }

    let id: GUID
    let name: String
    let stage: Int
    let isAsynchronous: Bool
    let isDeletedWhenDone: Bool
    let url: String
    let secret: EndpointSecret
    let images: [Image]
    let impersonated: GUID?
}

extension DataverseBook {
    /// The enabled steps that apply to a message, by rank.
    func steps(_ event: RowEvent) -> [StepRegistration] {
        self["sdkmessageprocessingstep"].all.filter { isConcerned($0, event) }
            .map { (rank: Int($0.values["rank"]?.digits ?? "1") ?? 1, row: $0) }
            .sorted { ($0.rank, $0.row.id) < ($1.rank, $1.row.id) }
            .compactMap { registration($0.row) }
    }

    private func isConcerned(_ step: Row, _ event: RowEvent) -> Bool {
        guard step.values["statecode"]?.choice == 0, messageName(step) == event.message else { return false }
        let filter = step.values["sdkmessagefilterid"]?.reference.flatMap { row($0) }
        if let table = filter?.values["primaryobjecttypecode"]?.text, table != event.table { return false }
        guard event.message == "Update", case .entity(let sent) = event.input,
            let names = step.values["filteringattributes"]?.text, !names.isEmpty
        else { return true }
        // Columns in the request count, whether their values changed or not.
        return names.split(separator: ",").contains { sent.keys.contains(String($0)) }
    }

    private func registration(_ step: Row) -> StepRegistration? {
        guard let endpoint = step.values["eventhandler"]?.reference.flatMap({ row($0) }),
            let url = endpoint.values["url"]?.text, let value = endpoint.values["authvalue"]?.text,
            let secret = EndpointSecret(type: endpoint.values["authtype"]?.choice, value: value)
        else { return nil }
        return StepRegistration(
            id: step.id,
            name: step.values["name"]?.text ?? "",
            stage: step.values["stage"]?.choice ?? 40,
            isAsynchronous: step.values["mode"]?.choice == 1,
            isDeletedWhenDone: step.values["asyncautodelete"]?.flag ?? false,
            url: url,
            secret: secret,
            images: rows("sdkmessageprocessingstepimage", "sdkmessageprocessingstepid", step.reference).map(Self.image),
            impersonated: step.values["impersonatinguserid"]?.reference?.id
        )
    }

    private static func image(_ row: Row) -> StepRegistration.Image {
        let type = row.values["imagetype"]?.choice ?? 0
        let names = row.values["attributes"]?.text?.split(separator: ",").map(String.init) ?? []
        return StepRegistration.Image(
            alias: row.values["entityalias"]?.text ?? "",
            property: row.values["messagepropertyname"]?.text ?? "",
            isPre: type != 1,
            isPost: type != 0,
            columns: names.isEmpty ? nil : Set(names)
        )
    }
}
