package import OnewayCore

/// What a load reads.
package struct LoadWork: Hashable, Sendable {
    /// Nil: everything; else what was modified then or later.
    package var since: Timestamp?
    /// Nil: all tables.
    package var only: Entity?

    package init(since: Timestamp? = nil, only: Entity? = nil) { (self.since, self.only) = (since, only) }

    /// Whether it ends with all opportunities read.
    package var isOfAllOpportunities: Bool { since == nil && (only ?? .opportunity) == .opportunity }

    package func reads(_ entity: Entity) -> Bool { only.map { $0 == entity } ?? true }

    package var json: JSON {
        ["since": .optional(since.map { "\($0)" }), "only": .optional(only?.rawValue)]
    }

    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root, root.isObject else { return nil }
        since = root["since"]?.string.flatMap(Timestamp.init(iso8601:))
        only = root["only"]?.string.flatMap(Entity.init)
    }
}

/// What a load is doing, in this order. Names are stored and shown: rename none.
package enum LoadPhase: String, Hashable, Sendable, CaseIterable {
    /// Reading.
    case opportunities, connections, contacts, accounts
    /// The rules decide what Marketo should hold of all that was read.
    case deciding
    /// Marketo gets it.
    case sending

    /// The table that it reads.
    package var entity: Entity? {
        switch self {
        case .opportunities: .opportunity
        case .connections: .connection
        case .contacts: .contact
        case .accounts: .account
        case .deciding, .sending: nil
        }
    }

    var next: LoadPhase? {
        let all = Self.allCases
        return all.firstIndex(of: self).flatMap { $0 + 1 < all.count ? all[$0 + 1] : nil }
    }
}

/// How the people and companies are read that opportunities name.
enum NamedWay: String, Hashable, Sendable {
    /// By their ids, a hundred with each request.
    case ids
    /// The whole table, of which the others are passed over.
    case table
}

/// Where a load continues: stored after each step.
struct LoadCursor: Hashable, Sendable {
    var phase = LoadPhase.opportunities
    /// The next page of a table.
    var link: String?
    /// Contacts and accounts only; nil: not decided yet.
    var way: NamedWay?
    /// The record whose look-ups were followed last.
    var walked: RecordKey?
    /// Dynamics' clock when the load began: whatever was read since then is not read again.
    var beganAt: Int64?

    var text: String {
        let json: JSON = [
            "phase": .string(phase.rawValue), "link": .optional(link), "way": .optional(way?.rawValue),
            "walked": .optional(walked?.entity.rawValue), "after": .optional(walked.map { "\($0.id)" }),
            "beganAt": beganAt.map { .int($0) } ?? .null,
        ]
        return String(decoding: json.encoded, as: UTF8.self)
    }

    init() {}

    init?(_ text: String?) {
        guard let text else { return }
        guard let root = try? JSONDocument(Array(text.utf8)).root,
            let phase = root["phase"]?.string.flatMap(LoadPhase.init)
        else { return nil }
        (self.phase, link, way) = (phase, root["link"]?.string, root["way"]?.string.flatMap(NamedWay.init))
        beganAt = root["beganAt"]?.int.map(Int64.init)
        if let entity = root["walked"]?.string.flatMap(Entity.init),
            let id = root["after"]?.string.flatMap({ GUID($0) })
        {
            walked = RecordKey(entity, id)
        }
    }

    /// To the next phase: nothing of this one is of use there.
    mutating func enter(_ phase: LoadPhase) {
        let beganAt = beganAt
        self = LoadCursor()
        (self.phase, self.beganAt) = (phase, beganAt)
    }
}
