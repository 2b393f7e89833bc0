/// One change of the verdict that somebody is to be told.
public struct Alert: Hashable, Sendable {
    public enum Change: String, Sendable { case raised, recovered }

    public let change: Change
    public let cause: Cause
    public let sentence: String
    public let remedy: String?
    public let since: Timestamp
    /// When it was over; nil: it lasts.
    public let until: Timestamp?
}

/// Which causes were told, so that each is told once, and its end too. A value that is given the time, and that is kept
/// across restarts.
///
/// A cause that comes and goes counts as present until it has been gone for a while: it is told once, not each time, and
/// its end when it is really over. Once told, the same cause is not told anew for a longer while.
public struct AlertBook: Hashable, Sendable {
    public static let calmSeconds = 300
    public static let quietSeconds = 1800

    private struct Entry: Hashable, Sendable {
        var sentence: String
        var remedy: String?
        var since: Timestamp
        var goneAt: Timestamp?
        /// It has lasted long enough.
        var isRipe = false
        var isTold = false
    }

    private var entries: [Cause: Entry] = [:]
    private var quietUntil: [Cause: Timestamp] = [:]

    public init() {}

    /// Takes notice of the causes that are present.
    public mutating func look(_ causes: [Verdict.Standing], _ now: Timestamp) {
        for standing in causes {
            guard let after = standing.cause.alertAfterSeconds else { continue }
            var entry =
                entries[standing.cause] ?? Entry(sentence: "", since: min(standing.since, now))
            entry.sentence = standing.symptom.sentence
            entry.remedy = standing.symptom.remedy
            entry.goneAt = nil
            if now.second - entry.since.second >= after { entry.isRipe = true }
            entries[standing.cause] = entry
        }
        let present = Set(causes.map(\.cause))
        for cause in entries.keys where !present.contains(cause) {
            if entries[cause]?.goneAt == nil { entries[cause]?.goneAt = now }
        }
        // What never lasted, or is told already, needs no words.
        entries = entries.filter { $1.isRipe || !isOver($1, now) }
        quietUntil = quietUntil.filter { $1 > now }
    }

    private func isOver(_ entry: Entry, _ now: Timestamp) -> Bool {
        entry.goneAt.map { now.second - $0.second >= Self.calmSeconds } ?? false
    }

    /// What is to be told now, in this order.
    public func due(_ now: Timestamp) -> [Alert] {
        Cause.allCases.compactMap { cause in
            guard let entry = entries[cause], entry.isRipe else { return nil }
            if entry.isTold, !isOver(entry, now) { return nil }
            if !entry.isTold, quietUntil[cause].map({ $0 > now }) ?? false { return nil }
            return Alert(
                change: entry.isTold ? .recovered : .raised,
                cause: cause,
                sentence: entry.sentence,
                remedy: entry.isTold ? nil : entry.remedy,
                since: entry.since,
                until: entry.goneAt
            )
        }
    }

    public mutating func told(_ alert: Alert, _ now: Timestamp) {
        switch alert.change {
        case .raised:
            entries[alert.cause]?.isTold = true
            quietUntil[alert.cause] = Timestamp(second: now.second + Int64(Self.quietSeconds))
        case .recovered: entries[alert.cause] = nil
        }
    }
}

// MARK: Kept across restarts

extension AlertBook {
    public var kept: [UInt8] {
        let entries: [JSON] = Cause.allCases.compactMap { cause in
            guard let entry = self.entries[cause] else { return nil }
            return [
                "cause": .string(cause.rawValue), "sentence": .string(entry.sentence),
                "remedy": .optional(entry.remedy), "since": .int(entry.since.milliseconds),
                "gone": entry.goneAt.map { .int($0.milliseconds) } ?? .null, "ripe": .bool(entry.isRipe),
                "told": .bool(entry.isTold),
            ]
        }
        let quiet = Cause.allCases.compactMap { cause in
            quietUntil[cause].map { JSON.Member(cause.rawValue, .int($0.milliseconds)) }
        }
        let json: JSON = ["entries": .array(entries), "quiet": .object(quiet)]
        return json.encoded
    }

    /// Nothing was told where the bytes are not ours.
    public init(kept: [UInt8]) {
        guard let root = try? JSONDocument(kept).root else { return }
        func time(_ value: JSONValue?) -> Timestamp? { value?.int.map { Timestamp(milliseconds: Int64($0)) } }
        for item in root["entries"]?.elements ?? [] {
            guard let cause = item["cause"]?.string.flatMap(Cause.init(rawValue:)), let since = time(item["since"])
            else { continue }
            entries[cause] = Entry(
                sentence: item["sentence"]?.string ?? "",
                remedy: item["remedy"]?.string,
                since: since,
                goneAt: time(item["gone"]),
                isRipe: item["ripe"]?.bool ?? false,
                isTold: item["told"]?.bool ?? false
            )
        }
        for member in root["quiet"]?.members ?? [] {
            if let cause = Cause(rawValue: member.name) { quietUntil[cause] = time(member.value) }
        }
    }
}
