package import OnewayCore
package import Store

/// A comparison of both sides as a job, and how far it has come.
package struct Verification: LongComparison, Equatable {
    package struct Work: Equatable, Sendable {
        /// About so many opportunities, chosen at random; nil: all.
        package var sample: Int?
        package var isRepairing = false
        package var share = Self.shareByDefault

        package static let shareByDefault = 50

        package init(sample: Int? = nil, isRepairing: Bool = false, share: Int = shareByDefault) {
            (self.sample, self.isRepairing, self.share) = (sample, isRepairing, share)
        }

        var json: JSON {
            ["sample": sample.map { JSON.int($0) } ?? .null, "repair": .bool(isRepairing), "share": .int(share)]
        }
    }

    package static let kind = Job.Kind.verify
    package var job: Job
    package let work: Work
    package var share: Int { work.share }

    package init?(_ job: Job) {
        guard job.key.kind == Self.kind, let root = try? JSONDocument(job.work).root else { return nil }
        self.job = job
        work = Work(
            sample: root["sample"]?.int,
            isRepairing: root["repair"]?.bool ?? false,
            share: root["share"]?.int ?? Work.shareByDefault
        )
    }

    /// Nil while another one is running.
    package static func begin(
        _ work: Work,
        in store: any StoreIntake,
        now: Timestamp
    ) async throws(StoreError) -> Verification? {
        let job = Job(Job.Key(kind, "\(InboxID(earliestAt: now))"), work: work.json.encoded, startedAt: now)
        return try await store.begin(job) ? Verification(job) : nil
    }

    /// The part that is compared, and what was compared last.
    enum Place: Equatable {
        case opportunities(after: GUID?)
        /// Those that Dynamics has and Oneway was never told of.
        case untold(next: String?)
        case companies(after: DeliveryKey?)

        init?(_ text: String) {
            let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let rest = parts.count == 2 && !parts[1].isEmpty ? parts[1] : nil
            switch parts[0] {
            case "opportunities": self = .opportunities(after: rest.flatMap { GUID($0) })
            case "untold": self = .untold(next: rest)
            case "companies": self = .companies(after: rest.flatMap(DeliveryKey.init(description:)))
            default: return nil
            }
        }

        var text: String {
            switch self {
            case .opportunities(let id): "opportunities \(id.map { "\($0)" } ?? "")"
            case .untold(let next): "untold \(next ?? "")"
            case .companies(let key): "companies \(key.map { "\($0)" } ?? "")"
            }
        }
    }

    /// Nil: it has not begun.
    var place: Place? {
        get { job.cursor.flatMap(Place.init) }
        set { job.cursor = newValue?.text }
    }

    /// How many there were when it began: a sample is chosen from them, and the same share of the companies.
    var opportunities: Int {
        get { job.counts["opportunities"] ?? 0 }
        set { job.counts["opportunities"] = newValue }
    }

    // Raw values are stored: rename none.
    enum Count: String, CaseIterable {
        case compared, missing, different, superfluous, pending, waiting, parked, changing, untold, sentAgain
    }

    mutating func add(_ checked: Checked) {
        let (tally, what) = (checked.tally, checked.suspects.map(\.finding.what))
        let counted: [(Count, Int)] = [
            (.compared, tally.compared), (.pending, tally.pending), (.waiting, tally.waiting),
            (.parked, tally.parked), (.changing, tally.changing), (.untold, checked.untold),
            (.missing, what.count { $0 == .missing }), (.different, what.count { $0 == .different }),
            (.superfluous, what.count { $0 == .superfluous }),
        ]
        for (name, count) in counted { add(name, count) }
    }

    mutating func add(_ name: Count, _ count: Int) { job.counts[name.rawValue, default: 0] += count }

    package func json(now: Timestamp) -> JSON {
        let counts = Count.allCases.map { JSON.Member($0.rawValue, .int(job.counts[$0.rawValue] ?? 0)) }
        let scope: JSON = work.sample == nil ? "all" : "sample"
        return json(.object([.init("scope", scope)] + counts + [.init("kept", .int(kept))]), now: now)
    }

    /// The same ones after a restart, others each time.
    func isChosen(_ id: GUID) -> Bool {
        guard let sample = work.sample else { return true }
        let mixed = (id.high ^ id.low ^ UInt64(bitPattern: job.startedAt.milliseconds)) &* 0x9e37_79b9_7f4a_7c15
        return (mixed ^ mixed >> 29) % UInt64(max(1, opportunities)) < UInt64(sample)
    }
}
