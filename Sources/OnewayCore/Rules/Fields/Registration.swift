/// A step to register in Dynamics, so that notifications contain what the rules read. Asynchronous, post-operation.
public struct RegisteredStep: Hashable, Sendable {
    public let entity: Entity
    public let message: String
    /// An Update is sent if the save included one of these columns. Empty: always.
    public var filter: [String] = []
    public var image: Image?

    public struct Image: Hashable, Sendable {
        public enum Kind: String, Sendable { case pre, post }

        public let kind: Kind
        public let columns: [String]
    }
}

extension RuleBook {
    /// The steps for these rules and this selection: the single definition of what Dynamics must be registered to send.
    ///
    /// Every Update carries a post-image, because on its own it contains only the columns that were saved: an older
    /// record would never report the rest. A connection's Delete contains only its id, so it carries a pre-image.
    public var registration: [RegisteredStep] {
        let tables: [Entity] = [.opportunity, .connection, .contact, .account]
        return tables.flatMap { entity in
            let kept = (columns[entity] ?? []).filter { !$0.contains(".") }.sorted()
            var update = RegisteredStep(entity: entity, message: "Update")
            update.filter = kept.filter { !Self.unchanging.contains($0) }
            update.image = .init(kind: .post, columns: (kept + ["modifiedon", "versionnumber"]).sorted())
            var delete = RegisteredStep(entity: entity, message: "Delete")
            if entity == .connection {
                delete.image = .init(kind: .pre, columns: kept.filter { $0.hasPrefix("record") })
            }
            let merge = [RegisteredStep(entity: entity, message: "Merge")]
            return [RegisteredStep(entity: entity, message: "Create"), update, delete]
                + (entity == .contact || entity == .account ? merge : [])
        }
    }

    /// Reported once, at creation.
    private static let unchanging: Set = ["createdon"]
}

extension RegisteredStep {
    public var json: JSON {
        [
            "table": .string(entity.rawValue), "message": .string(message),
            "filteringAttributes": .array(filter.map(JSON.string)),
            "image": image.map { ["kind": .string($0.kind.rawValue), "columns": .array($0.columns.map(JSON.string))] }
                ?? .null,
        ]
    }
}
