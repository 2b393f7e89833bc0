package import OnewayCore
package import Store

/// The newest discoveries, for people: a bounded number; the counts are in the jobs.
package struct Discoveries: Sendable {
    static let note = "discoveries"
    package static let entriesMax = 200

    package struct Entry: Hashable, Sendable {
        package let at: Timestamp
        package let discovery: Discovery
        /// Nil: it could not be told.
        package let cause: Discovery.Cause?
    }

    /// Newest first.
    package private(set) var entries: [Entry] = []

    package static func read(in store: any StoreQueries) async throws(StoreError) -> Discoveries {
        Discoveries(try await store.note(note))
    }

    init(_ bytes: [UInt8]?) {
        guard let bytes, let root = try? JSONDocument(bytes).root else { return }
        entries = root.elements.compactMap(Entry.init)
    }

    mutating func add(_ new: [Entry]) { entries = Array((new + entries).prefix(Self.entriesMax)) }

    var bytes: [UInt8] { JSON.array(entries.map(\.json)).encoded }
}

extension Discoveries.Entry {
    fileprivate var json: JSON {
        [
            "at": .string("\(at)"), "what": .string(discovery.what.rawValue),
            "entity": .string(discovery.key.entity.rawValue), "record": .string("\(discovery.key.id)"),
            "columns": .array(discovery.columns.map(JSON.string)),
            "modifiedAt": .optional(discovery.modifiedAt.map { "\($0)" }), "cause": .optional(cause?.rawValue),
        ]
    }

    init?(_ value: JSONValue) {
        guard let at = value["at"]?.string.flatMap(Timestamp.init(iso8601:)),
            let what = value["what"]?.string.flatMap(Discovery.What.init),
            let entity = value["entity"]?.string.flatMap(Entity.init),
            let id = value["record"]?.string.flatMap({ GUID($0) })
        else { return nil }
        self.at = at
        cause = value["cause"]?.string.flatMap(Discovery.Cause.init)
        discovery = Discovery(
            RecordKey(entity, id),
            what,
            columns: value["columns"]?.elements.compactMap(\.string) ?? [],
            modifiedAt: value["modifiedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        )
    }
}
