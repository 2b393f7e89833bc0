import OnewayCore

/// Where a reconciliation continues: stored with each step.
struct ReconcileCursor: Hashable, Sendable {
    // Raw values are stored and shown: rename none.
    enum Phase: String, Hashable, Sendable {
        /// What has changed since the last time: tracked by Dynamics, or by `modifiedon`.
        case changes
        /// Every row, because what has changed cannot be said.
        case all
        /// The mirrored records that were not among all rows.
        case missing
    }

    static let order: [Entity] = [.opportunity, .connection, .contact, .account]

    var entity = Self.order[0]
    /// Nil: not decided yet.
    var phase: Phase?
    /// The next page.
    var link: String?
    /// Whether the table's changes are tracked.
    var isTracked = false
    /// Without tracking: changes since then, by Dynamics' clock.
    var since: Int64?
    /// Dynamics' clock when this table's first page was read.
    var beganAt: Int64?
    /// Our clock when the phase began, in milliseconds: deletions that it finds were made before.
    var phaseBeganAt: Int64?
    /// Rows that were read of the whole table.
    var rows = 0
    /// To what changes later.
    var later: String?
    /// The mirrored record that was looked at last.
    var walked: GUID?

    init() {}

    init(_ entity: Entity) { self.entity = entity }

    init?(_ text: String?) {
        guard let text else { return }
        guard let root = try? JSONDocument(Array(text.utf8)).root,
            let entity = root["entity"]?.string.flatMap(Entity.init)
        else { return nil }
        self.entity = entity
        phase = root["phase"]?.string.flatMap(Phase.init)
        link = root["link"]?.string
        isTracked = root["isTracked"]?.bool ?? false
        since = root["since"]?.int.map(Int64.init)
        beganAt = root["beganAt"]?.int.map(Int64.init)
        phaseBeganAt = root["phaseBeganAt"]?.int.map(Int64.init)
        rows = root["rows"]?.int ?? 0
        later = root["later"]?.string
        walked = root["walked"]?.string.flatMap { GUID($0) }
    }

    var text: String {
        func number(_ number: Int64?) -> JSON { number.map { .int($0) } ?? .null }
        let json: JSON = [
            "entity": .string(entity.rawValue), "phase": .optional(phase?.rawValue), "link": .optional(link),
            "isTracked": .bool(isTracked), "since": number(since), "beganAt": number(beganAt),
            "phaseBeganAt": number(phaseBeganAt), "rows": .int(rows), "later": .optional(later),
            "walked": .optional(walked.map { "\($0)" }),
        ]
        return String(decoding: json.encoded, as: UTF8.self)
    }

    var next: Entity? {
        Self.order.firstIndex(of: entity).flatMap { $0 + 1 < Self.order.count ? Self.order[$0 + 1] : nil }
    }

    /// Nothing has been read yet.
    var isBeginning: Bool { self == ReconcileCursor() }

    /// From the beginning of the table, all of it.
    mutating func readAll(isTracked: Bool) {
        self = ReconcileCursor(entity)
        (phase, self.isTracked) = (.all, isTracked)
    }
}

/// What is remembered of a table between reconciliations.
struct TableState: Hashable, Sendable {
    /// To the changes since the last time; nil: they are not tracked.
    var link: String?
    /// The columns that the link tells of.
    var columns: String
    /// Dynamics' clock when it was last read.
    var readAt: Int64
    /// When all its rows were last read.
    var allReadAt: Int64

    static func note(_ entity: Entity) -> String { "reconciled-\(entity.rawValue)" }

    init(link: String?, columns: String, readAt: Int64, allReadAt: Int64) {
        (self.link, self.columns, self.readAt, self.allReadAt) = (link, columns, readAt, allReadAt)
    }

    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root, let readAt = root["readAt"]?.int,
            let allReadAt = root["allReadAt"]?.int
        else { return nil }
        self.init(
            link: root["link"]?.string,
            columns: root["columns"]?.string ?? "",
            readAt: Int64(readAt),
            allReadAt: Int64(allReadAt)
        )
    }

    var bytes: [UInt8] {
        let json: JSON = [
            "link": .optional(link), "columns": .string(columns), "readAt": .int(readAt), "allReadAt": .int(allReadAt),
        ]
        return json.encoded
    }
}
