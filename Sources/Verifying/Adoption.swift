package import OnewayCore
package import Store

/// A survey of what Marketo holds before Oneway takes over, as a job, and how far it has come. It only reads.
package struct Adoption: LongComparison, Equatable {
    package static let kind = Job.Kind.adopt
    package var job: Job
    package var share: Int { Verification.Work.shareByDefault }

    package init?(_ job: Job) {
        guard job.key.kind == Self.kind else { return nil }
        self.job = job
    }

    /// Nil while another one is running.
    package static func begin(in store: any StoreIntake, now: Timestamp) async throws(StoreError) -> Adoption? {
        let job = Job(Job.Key(kind, "\(InboxID(earliestAt: now))"), startedAt: now)
        return try await store.begin(job) ? Adoption(job) : nil
    }

    /// The kind of records that is looked for, and the last one. Roles are looked for with their opportunities.
    struct Place: Equatable {
        let kind: RecordKind
        let after: DeliveryKey?

        init(_ kind: RecordKind, after: DeliveryKey?) { (self.kind, self.after) = (kind, after) }

        init?(_ text: String) {
            let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let kind = RecordKind(rawValue: parts[0]) else { return nil }
            self.init(kind, after: parts.count == 2 ? DeliveryKey(description: parts[1]) : nil)
        }

        var text: String { "\(kind.rawValue) \(after.map { "\($0)" } ?? "")" }
    }

    /// Nil: it has not begun.
    var place: Place? {
        get { job.cursor.flatMap(Place.init) }
        set { job.cursor = newValue?.text }
    }

    // Raw values are stored: rename none.
    enum Count: String, CaseIterable {
        /// Found under the id that Oneway sends; found under another form only; found more than once; not found.
        case opportunitiesMatching, opportunitiesInOtherForm, opportunitiesTwice, opportunitiesNew
        case companiesMatching, companiesInOtherForm, companiesTwice, companiesNew
        /// Companies of the same name under an id that Oneway does not know.
        case companiesOfSameName
        case rolesMatching
        /// Roles that stay beside Oneway's, because the role's name is part of Marketo's key.
        case rolesBeside
        case leadsFound, leadsMissing
        /// Found through the roles of known leads, and unknown here: not exhaustive.
        case opportunitiesOnlyInMarketo
    }

    mutating func add(_ name: Count, _ count: Int = 1) { job.counts[name.rawValue, default: 0] += count }

    package func json(now: Timestamp) -> JSON {
        let counts = Count.allCases.map { JSON.Member($0.rawValue, .int(job.counts[$0.rawValue] ?? 0)) }
        return json(.object(counts + [.init("kept", .int(kept))]), now: now)
    }
}
