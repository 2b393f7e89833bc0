package import OnewayCore
package import Store

/// The progress of a replay in the background.
package struct ReplayJob: Equatable {
    enum State: String { case running, done, failed }

    let id: String
    var state = State.running
    var replayed = 0
    var skipped = 0
    let startedAt: Timestamp
    var endedAt: Timestamp?
    /// It continues with the notifications before this one: newest first.
    var before: InboxID
    /// Why it failed.
    var message: String?

    init(startedAt: Timestamp, before: InboxID) {
        id = "\(InboxID(earliestAt: startedAt))"
        self.startedAt = startedAt
        self.before = before
    }

    /// As the API returns it and the store keeps it.
    package var json: JSON {
        [
            "job": .string(id), "state": .string(state.rawValue), "replayed": .int(replayed), "skipped": .int(skipped),
            "startedAt": .string("\(startedAt)"), "endedAt": .optional(endedAt.map { "\($0)" }),
            "before": .string("\(before)"), "message": .optional(message),
        ]
    }

    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root, let id = root["job"]?.string,
            let state = root["state"]?.string.flatMap(State.init), let replayed = root["replayed"]?.int,
            let skipped = root["skipped"]?.int, let before = root["before"]?.string.flatMap(InboxID.init),
            let startedAt = root["startedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        self.id = id
        (self.state, self.replayed, self.skipped, self.before) = (state, replayed, skipped, before)
        self.startedAt = startedAt
        endedAt = root["endedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        message = root["message"]?.string
    }
}

/// The notifications that a replay covers.
package enum ReplayWork: Equatable {
    /// Newest first, without repetitions.
    case notifications([InboxID])
    case range(InboxFilter)

    var json: JSON {
        switch self {
        case .notifications(let ids): ["notifications": .array(ids.map { .string("\($0)") })]
        case .range(let filter):
            [
                "outcome": .optional(filter.outcome?.rawValue), "from": .optional(filter.from.map { "\($0)" }),
                "to": .optional(filter.to.map { "\($0)" }),
            ]
        }
    }

    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root else { return nil }
        if let ids = root["notifications"] {
            self = .notifications(ids.elements.compactMap { $0.string.flatMap(InboxID.init) })
        } else {
            self = .range(
                InboxFilter(
                    outcome: root["outcome"]?.string.flatMap(Outcome.init),
                    from: root["from"]?.string.flatMap(Timestamp.init(iso8601:)),
                    to: root["to"]?.string.flatMap(Timestamp.init(iso8601:))
                )
            )
        }
    }
}
