/// The columns of each record that are kept (R3): these and no others.
public struct Selection: Sendable {
    /// Every column: for showing what a notification says, not for keeping it.
    public static let everything = Selection(
        columns: Array(repeating: Columns(Column.known), count: Entity.allCases.count),
        isEverything: true
    )

    private let columns: [Columns]
    private let isEverything: Bool

    private init(columns: [Columns], isEverything: Bool) {
        self.columns = columns
        self.isEverything = isEverything
    }

    public init(_ selected: [Entity: Set<String>]) {
        let columns = Entity.allCases.map { entity in
            Columns((selected[entity] ?? []).sorted().map { Column($0, in: selected[entity] ?? []) })
        }
        self.init(columns: columns, isEverything: false)
    }

    public func keeps(_ column: String, of entity: Entity) -> Bool {
        isEverything || columns[entity.place].find(column.utf8Span.span) != nil
    }

    /// A kept column by its name on the tape, nil if it is not kept.
    func column(_ name: Int, of entity: Entity, in document: JSONDocument) -> Column? {
        let node = document.nodes[name]
        let found =
            node.hasEscapes
            ? columns[entity.place].find(document.string(name).utf8Span.span)
            : columns[entity.place].find(document.bytes.span.extracting(document.range(name)))
        return found ?? (isEverything ? Column(name: document.string(name), content: .any) : nil)
    }
}

/// A column, and the type that it must have if something depends on it.
struct Column: Sendable {
    enum Content { case any, text, reference, choice }

    let name: String
    let content: Content
    /// The attribute for the reported name of a look-up's target; nil if it is not needed.
    let lookupName: String?

    init(name: String, content: Content, lookupName: String? = nil) {
        self.name = name
        self.content = content
        self.lookupName = lookupName
    }

    /// One of these columns.
    init(_ name: String, in selected: Set<String> = []) {
        let content = Self.known.first { $0.name == name }?.content ?? .any
        let lookupName = LookupName.column(of: name)
        self.init(name: name, content: content, lookupName: selected.contains(lookupName) ? lookupName : nil)
    }

    /// Look-ups and states that the rules use, and free text, so that a text that looks like a date stays a text.
    static let known: [Column] =
        [
            "customerid", "parentaccountid", "parentcontactid", "parentcustomerid", "masterid", "record1id",
            "record2id", "record1roleid", "record2roleid",
        ].map { Column(name: $0, content: .reference) }
        + ["statecode", "statuscode"].map { Column(name: $0, content: .choice) }
        + ["name", "description", "stepname", "firstname", "lastname", "fullname"].map {
            Column(name: $0, content: .text)
        }
}

/// Columns by the length of their names, so that a search compares only a few.
private struct Columns: Sendable {
    private let byLength: [[Column]]

    init(_ columns: [Column]) {
        let longest = columns.map(\.name.utf8.count).max() ?? 0
        byLength = (0...longest).map { length in columns.filter { $0.name.utf8.count == length } }
    }

    func find(_ name: Span<UInt8>) -> Column? {
        guard name.count < byLength.count else { return nil }
        for column in byLength[name.count] {
            let bytes = column.name.utf8Span.span
            if name.indices.allSatisfy({ bytes[$0] == name[$0] }) { return column }
        }
        return nil
    }
}

extension Entity {
    fileprivate var place: Int {
        switch self {
        case .opportunity: 0
        case .contact: 1
        case .account: 2
        case .connection: 3
        case .systemUser: 4
        }
    }
}
