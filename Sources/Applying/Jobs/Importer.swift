import Coordination
package import OnewayCore
import Reading
package import Store
import Telemetry

/// Takes rows that an operator exported from Dynamics, for installations whose Dynamics cannot be queried: opportunities,
/// connections, contacts, and accounts, with Dynamics' own names of columns; or only what notifications lack of contacts
/// and accounts, in a short form.
///
/// A row counts as of its `modifiedon`. Without it, and in the short form, it only fills in what no notification
/// contained. Changes that follow use the slow lane.
package struct Importer: Sendable {
    static let linesMax = 1_000
    /// Records per transaction.
    static let recordsPerStep = 32
    /// While more changes than this are still to be passed on, an import waits, but not for ever.
    static let staleMax = 4_000
    static let pause = Duration.milliseconds(50)
    static let patience = Duration.seconds(10)

    let store: any StoreQueries
    let projector: Projector
    let statements: Statements
    /// R2: whoever creates for Marketo.
    let marketoUsers: Set<GUID>
    let now: @Sendable () -> Timestamp

    package init(
        store: any StoreQueries,
        projector: Projector,
        statements: Statements,
        marketoUsers: Set<GUID> = [],
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.projector = projector
        self.statements = statements
        self.marketoUsers = marketoUsers
        self.now = now
    }

    /// Imports JSON lines, all or none: if one cannot be read, all are refused. `firstLine` is what the first one is called.
    package func take(_ body: [UInt8], firstLine: Int = 1) async throws -> JSON {
        let facts = try facts(body, firstLine)
        var changed = 0
        let deadline = ContinuousClock.now + Self.patience
        for start in stride(from: 0, to: facts.count, by: Self.recordsPerStep) {
            while try await store.status().stale > Self.staleMax, ContinuousClock.now < deadline {
                try await Task.sleep(for: Self.pause)
            }
            changed += try await apply(facts[start..<min(start + Self.recordsPerStep, facts.count)])
        }
        return ["imported": .int(facts.count), "changed": .int(changed)]
    }

    private func apply(_ facts: ArraySlice<MirrorRecord>) async throws(StoreError) -> Int {
        var changed = 0
        let says: (Log, Application) -> Void = {
            $0.report("imported a record", of: $1.records.map(\.record.key), in: $1)
        }
        let writer = statements.writer()
        try await writer.write(says) { application throws(StoreError) in
            let known = try await store.records(facts.map(\.key))
            let news = facts.map { $0.withoutFilling(known[$0.key]) }
            changed = try await writer.merge(news, .slow, into: &application)
            return changed > 0
        }
        return changed
    }
}

// MARK: Reading

extension Importer {
    private func facts(_ body: [UInt8], _ firstLine: Int) throws(Problem) -> [MirrorRecord] {
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var facts: [MirrorRecord] = []
        for (index, line) in lines.enumerated() {
            if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            guard facts.count < Self.linesMax else {
                throw Problem(.badRequest, "More than \(Self.linesMax) lines at once; send the rest separately.")
            }
            do throws(Unreadable) { facts.append(try fact(Array(line))) } catch {
                throw Problem(.badRequest, "Line \(firstLine + index): \(error.says). Nothing was imported.")
            }
        }
        return facts
    }

    private typealias Unreadable = ExportedRows.Unreadable

    private func fact(_ line: [UInt8]) throws(Unreadable) -> MirrorRecord {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(line).root } catch {
            throw Unreadable(says: "not JSON, \(error)")
        }
        guard root.isObject else { throw Unreadable(says: "this should be an object") }
        if let table = ExportedRows.table(of: root.members.map(\.name)) { return try exported(root, table) }
        return root["contact"] == nil ? try account(root) : try contact(root)
    }

    private func exported(_ line: JSONValue, _ table: Entity) throws(Unreadable) -> MirrorRecord {
        let now = now()
        let row = try ExportedRows(projector.book).row(line, table, now: now)
        var record = MirrorRecord(exported: row, now: now)
        record.markRefused(row, creators: marketoUsers, now: now)
        return record
    }

    private func contact(_ line: JSONValue) throws(Unreadable) -> MirrorRecord {
        try Self.check(line, ["contact", "account", "email"])
        var record = MirrorRecord(RecordKey(.contact, try Self.id("contact", line)))
        if let account = line["account"] {
            let id = account.isNull ? nil : try Self.id("account", line)
            learn("parentcustomerid", id.map { .reference(entity: "account", id: $0) } ?? .null, to: &record)
        }
        if let email = try Self.text("email", line) { learn("emailaddress1", email, to: &record) }
        return record
    }

    private func account(_ line: JSONValue) throws(Unreadable) -> MirrorRecord {
        try Self.check(line, ["account", "name"])
        var record = MirrorRecord(RecordKey(.account, try Self.id("account", line)))
        if let name = try Self.text("name", line) { learn("name", name, to: &record) }
        return record
    }

    /// Fills the column in like a pre-image. Columns that are not selected are not kept (R3).
    private func learn(_ column: String, _ value: Value, to record: inout MirrorRecord) {
        guard projector.book.columns[record.key.entity]?.contains(column) ?? false else { return }
        record.learn(column, StampedValue(value, Stamp(second: now().second, source: .preImage)))
    }

    private static func check(_ line: JSONValue, _ names: Set<String>) throws(Unreadable) {
        for member in line.members where !names.contains(member.name) {
            throw Unreadable(says: "there is no `\(member.name)` here, only \(names.sorted().joined(separator: ", "))")
        }
    }

    private static func id(_ name: String, _ line: JSONValue) throws(Unreadable) -> GUID {
        guard let id = line[name]?.string.flatMap({ GUID($0) }) else {
            throw Unreadable(says: "`\(name)` should be a GUID")
        }
        return id
    }

    /// Returns nil when the line does not contain it.
    private static func text(_ name: String, _ line: JSONValue) throws(Unreadable) -> Value? {
        guard let value = line[name] else { return nil }
        if value.isNull { return .null }
        guard let text = value.string else { throw Unreadable(says: "`\(name)` should be text or null") }
        return .text(text)
    }
}
