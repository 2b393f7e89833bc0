import Coordination
import OnewayCore
import Store

/// When nobody led, so that no notification could be taken: kept as the leader's last sign of life, and the gaps.
struct Presence: Hashable, Sendable {
    static let note = "presence"
    static let signEverySeconds = 60
    /// A sign that is late by less is no gap.
    private static let slackSeconds = 30
    /// Nor is a restart that takes no longer.
    private static let restartSeconds = 2
    private static let gapsMax = 20

    struct Gap: Hashable, Sendable {
        let from: Timestamp
        let to: Timestamp
    }

    private var seenAt: Timestamp?
    /// Oldest first.
    private(set) var gaps: [Gap] = []

    static func read(in store: any StoreQueries) async throws(StoreError) -> Presence {
        Presence(try await store.note(note))
    }

    /// Gives signs until the task is cancelled. One that cannot be written is left out.
    static func keep(in store: any StoreLeader, since begun: Timestamp, _ time: TimeSource) async {
        var hasBegun = false
        while !Task.isCancelled {
            do throws(StoreError) {
                var presence = try await read(in: store)
                if !hasBegun {
                    let last = try await store.inbox(InboxFilter(to: begun), before: nil, limit: 1).first?.receivedAt
                    presence.begin(begun, lastReceivedAt: last)
                }
                presence.sign(time.now())
                try await store.setNote(note, presence.bytes)
                hasBegun = true
            } catch { if error.endsWork { return } }
            await Signal().wait(after: 0, until: time.now().adding(seconds: signEverySeconds), time)
        }
    }

    /// After a restart, or after another replica led, which goes on receiving without a leader.
    mutating func begin(_ now: Timestamp, lastReceivedAt: Timestamp?) {
        guard let seenAt else { return }
        let last = max(seenAt, lastReceivedAt ?? seenAt)
        if last.adding(seconds: Self.restartSeconds) < now { add(Gap(from: last, to: now)) }
        self.seenAt = max(seenAt, now)
    }

    mutating func sign(_ now: Timestamp) {
        if let seenAt, seenAt.adding(seconds: Self.signEverySeconds + Self.slackSeconds) < now {
            add(Gap(from: seenAt, to: now))
        }
        seenAt = max(seenAt ?? now, now)
    }

    private mutating func add(_ gap: Gap) { gaps = Array((gaps + [gap]).suffix(Self.gapsMax)) }

    func wasAway(from: Timestamp, to: Timestamp) -> Bool { gaps.contains { $0.from <= to && from <= $0.to } }
}

extension Presence {
    init(_ bytes: [UInt8]?) {
        guard let bytes, let root = try? JSONDocument(bytes).root else { return }
        func time(_ value: JSONValue?) -> Timestamp? { value?.int.map { Timestamp(milliseconds: Int64($0)) } }
        seenAt = time(root["seenAt"])
        gaps = (root["gaps"]?.elements ?? []).compactMap { gap in
            guard let from = time(gap["from"]), let to = time(gap["to"]) else { return nil }
            return Gap(from: from, to: to)
        }
    }

    var bytes: [UInt8] {
        let all = gaps.map { gap -> JSON in ["from": .int(gap.from.milliseconds), "to": .int(gap.to.milliseconds)] }
        let json: JSON = ["seenAt": seenAt.map { .int($0.milliseconds) } ?? .null, "gaps": .array(all)]
        return json.encoded
    }
}
