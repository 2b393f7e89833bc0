import HTTPClient
import OnewayCore

/// `oneway load FILE...`: gives the running service what was exported from Dynamics.
enum LoadFiles {
    struct Options: Equatable {
        var files: [String]
        var isJSON = false
        var location: ServiceLocation
    }

    struct Counts: Equatable {
        var rows = 0
        var changed = 0
    }

    static let filesMax = 1_000

    /// What others need comes first, so that each record goes to Marketo once.
    private static let order: [Entity] = [.account, .contact, .connection, .opportunity]

    static func run(_ options: Options) async -> Int32 {
        do {
            let all = try await load(options.files, RunningService(options.location)) { path, counts in
                if options.files.count > 1, !options.isJSON { print("\(path): \(says(counts))") }
            }
            print(options.isJSON ? #"{"imported": \#(all.rows), "changed": \#(all.changed)}"# : says(all))
            return 0
        } catch {
            return Terminal.complain(error)
        }
    }

    static func load(
        _ files: [String],
        _ service: RunningService,
        isDone: (String, Counts) -> Void
    ) async throws -> Counts {
        let tables = try files.map { path in (path, table: files.count > 1 ? try table(path) : nil) }
        let sorted = order.flatMap { table in tables.filter { $0.table == table } } + tables.filter { $0.table == nil }
        var all = Counts()
        for (path, _) in sorted {
            let counts = try await send(path, service)
            all.rows += counts.rows
            all.changed += counts.changed
            isDone(path, counts)
        }
        return all
    }

    private static func says(_ counts: Counts) -> String {
        "\(Wording.number(counts.rows)) imported, \(Wording.number(counts.changed)) of them new or changed"
    }

    /// As its first row tells; nil for standard input, which can be read only once.
    private static func table(_ path: String) throws(Failed) -> Entity? {
        guard path != "-" else { throw Failed(says: "Standard input goes alone: `-` and no other file.") }
        var pieces = try InputPieces(path)
        var lines = ExportLines(path)
        var first: ExportLines.Row?
        while first == nil, let piece = try pieces.next() { first = lines.read(piece).first }
        guard let row = first ?? lines.end().first else { return nil }
        let members = try JSONDocument.members(row.json.get())
        if let table = ExportedRows.table(of: members) { return table }
        return members.contains("contact") ? .contact : members.contains("account") ? .account : nil
    }

    private static func send(_ path: String, _ service: RunningService) async throws -> Counts {
        var (counts, part, lines) = (Counts(), ExportPart(), ExportLines(path))
        func take(_ rows: [ExportLines.Row], isLast: Bool) async throws {
            for row in rows {
                do { part.add(try row.json.get(), at: row.line) } catch {
                    // Whatever can be read before it counts.
                    try await flush()
                    throw error
                }
                if part.isFull { try await flush() }
            }
            if isLast { try await flush() }
        }
        func flush() async throws {
            if part.rows == 0 { return }
            let answer = try await give(part, of: path, service)
            counts.rows += answer["imported"]?.int ?? 0
            counts.changed += answer["changed"]?.int ?? 0
            part = ExportPart()
            Terminal.progress("\(path): \(Wording.number(counts.rows)) imported")
        }
        var pieces = try InputPieces(path)
        while let piece = try pieces.next() { try await take(lines.read(piece), isLast: false) }
        try await take(lines.end(), isLast: true)
        Terminal.endProgress()
        return counts
    }

    private static func give(_ part: ExportPart, of path: String, _ service: RunningService) async throws -> JSONValue {
        do {
            let answer = try await service.ask(.post, "/api/import?firstLine=\(part.firstLine)", body: part.body)
            return try JSONDocument(answer.body).root
        } catch let failed as Failed {
            let before = part.firstLine > 2 ? " What comes before line \(part.firstLine) was." : ""
            throw Failed(says: "\(path): \(failed.says)\(before)")
        }
    }
}

extension LoadFiles.Options {
    /// What is about reading Dynamics itself.
    private static let others = ["--cancel", "--dry-run", "--only", "--pause", "--resume", "--since"]

    init(_ given: Arguments) throws(UsageError) {
        if let other = Self.others.first(where: { given.has($0) || given[$0] != nil }) {
            throw UsageError(says: "`\(other)` is for a load from Dynamics itself, not for files.")
        }
        self.init(files: given.words, isJSON: given.has("--json"), location: try ServiceLocation(given))
    }
}

extension JSONDocument {
    /// The names of an object's members; none of anything else.
    fileprivate static func members(_ line: [UInt8]) -> [String] {
        ((try? JSONDocument(line))?.root.members ?? []).map(\.name)
    }
}
