/// The strict subset of YAML that a configuration needs: one document of maps, lists, and scalars.
///
/// Anchors, aliases, tags, further documents, and repeated keys are problems; size and depth are bounded.
struct YAMLReader {
    static let bytesMax = 1 << 20
    static let depthMax = 16

    private struct Stop: Error {}

    private let events: YAMLEvents
    private let place: (_ line: Int, _ column: Int) -> Place
    private var findings: Findings

    /// Returns the document's one value, or nil if the text is not YAML; `findings` then say why.
    static func read(
        _ bytes: [UInt8],
        into findings: inout Findings,
        place: @escaping (_ line: Int, _ column: Int) -> Place
    ) -> Node? {
        guard bytes.count <= bytesMax else {
            findings.refuse(at: place(1, 1), "larger than \(bytesMax) bytes")
            return nil
        }
        var reader = YAMLReader(events: YAMLEvents(bytes), place: place, findings: findings)
        defer { findings = reader.findings }
        return try? reader.document()
    }

    private mutating func document() throws(Stop) -> Node {
        _ = try next()
        guard case .documentStart = try next().event else {
            return Node(value: .scalar("", isQuoted: false), place: place(1, 1))
        }
        let node = try node(next(), depth: 0)
        _ = try next()
        let after = try next()
        guard case .streamEnd = after.event else {
            findings.refuse(at: place(after.line, after.column), "a second document; only one is read")
            throw Stop()
        }
        return node
    }

    private mutating func node(_ item: YAMLEvents.Item, depth: Int) throws(Stop) -> Node {
        let place = place(item.line, item.column)
        if item.hasAnchor { findings.refuse(at: place, "anchors (&) are not allowed") }
        if item.hasTag { findings.refuse(at: place, "tags (!) are not allowed") }
        guard depth < Self.depthMax else {
            findings.refuse(at: place, "nested deeper than \(Self.depthMax) levels")
            throw Stop()
        }
        switch item.event {
        case .scalar(let text, let isQuoted): return Node(value: .scalar(text, isQuoted: isQuoted), place: place)
        case .listStart: return Node(value: .list(try list(depth: depth)), place: place)
        case .mapStart: return Node(value: .map(try map(depth: depth)), place: place)
        default:
            findings.refuse(at: place, "aliases (*) are not allowed")
            return Node(value: .broken, place: place)
        }
    }

    private mutating func list(depth: Int) throws(Stop) -> [Node] {
        var nodes: [Node] = []
        while true {
            let item = try next()
            if case .listEnd = item.event { return nodes }
            nodes.append(try node(item, depth: depth + 1))
        }
    }

    private mutating func map(depth: Int) throws(Stop) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        var names: Set<String> = []
        while true {
            let item = try next()
            if case .mapEnd = item.event { return entries }
            let key = try node(item, depth: depth + 1)
            let value = try node(next(), depth: depth + 1)
            guard case .scalar(let name, _) = key.value else {
                findings.refuse(key, expected: "a plain key")
                continue
            }
            if names.insert(name).inserted {
                entries.append(Node.Entry(name: name, place: key.place, value: value))
            } else {
                findings.refuse(at: key.place, "\(name) is given twice")
            }
        }
    }

    private mutating func next() throws(Stop) -> YAMLEvents.Item {
        do {
            return try events.next()
        } catch {
            findings.refuse(
                at: place(error.line, error.column),
                error.isIndentedByTab
                    ? "a tab at the beginning of a line: YAML is indented with spaces only" : "not YAML: \(error.says)"
            )
            throw Stop()
        }
    }
}
