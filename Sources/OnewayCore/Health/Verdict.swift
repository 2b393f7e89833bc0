/// Whether the service is well, and if not, why: the one answer for pages, terminals, programs, and alerts.
public struct Verdict: Hashable, Sendable {
    /// A cause that is present, and since when.
    public struct Standing: Hashable, Sendable {
        public let symptom: Symptom
        public let since: Timestamp

        public init(_ symptom: Symptom, since: Timestamp) { (self.symptom, self.since) = (symptom, since) }

        public var cause: Cause { symptom.cause }
    }

    public let level: HealthLevel
    /// The first cause's, or `ok`.
    public let code: String
    public let sentence: String
    public let remedy: String?
    /// Since when the code has been this one.
    public let since: Timestamp
    /// The most serious first.
    public let causes: [Standing]

    /// What holds all records up, whatever their own state; nil: nothing does.
    public var blocker: Standing? { causes.first { $0.cause.blocksAll } }
}

/// Remembers since when the causes have been present, also across restarts.
public struct HealthMemory: Hashable, Sendable {
    private var since: [Cause: Timestamp] = [:]
    private var code = ""
    private var codeSince = Timestamp(milliseconds: 0)

    public init() {}

    /// Looks at the facts, and remembers what is new in them.
    public mutating func verdict(on facts: HealthFacts) -> Verdict {
        let found = Symptom.all(facts)
        var present: [Cause: Timestamp] = [:]
        // After the clock went back, nothing began in the future.
        for symptom in found { present[symptom.cause] = min(since[symptom.cause] ?? facts.now, facts.now) }
        since = present
        let standing = found.map { Verdict.Standing($0, since: present[$0.cause] ?? facts.now) }
            .filter { facts.seconds(since: $0.since) >= Int64($0.cause.patienceSeconds) }
        let code = standing.first?.cause.rawValue ?? HealthLevel.ok.rawValue
        if code != self.code { (self.code, codeSince) = (code, facts.now) }
        return Verdict(
            level: standing.first?.cause.level ?? .ok,
            code: code,
            sentence: standing.first?.symptom.sentence ?? Symptom.well(facts),
            remedy: standing.first?.symptom.remedy,
            since: min(codeSince, facts.now),
            causes: standing
        )
    }
}

// MARK: Kept across restarts

extension HealthMemory {
    public var kept: [UInt8] {
        let times = since.sorted { $0.key.rawValue < $1.key.rawValue }
        let json: JSON = [
            "code": .string(code), "since": .int(codeSince.milliseconds),
            "causes": .object(times.map { JSON.Member($0.key.rawValue, .int($0.value.milliseconds)) }),
        ]
        return json.encoded
    }

    /// Nothing is remembered where the bytes are not ours.
    public init(kept: [UInt8]) {
        guard let root = try? JSONDocument(kept).root else { return }
        code = root["code"]?.string ?? ""
        codeSince = Timestamp(milliseconds: Int64(root["since"]?.int ?? 0))
        for member in root["causes"]?.members ?? [] {
            guard let cause = Cause(rawValue: member.name), let time = member.value.int else { continue }
            since[cause] = Timestamp(milliseconds: Int64(time))
        }
    }
}
