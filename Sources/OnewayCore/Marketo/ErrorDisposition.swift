/// The treatment of one of Marketo's error codes. A table, like Adobe's: docs/operating.md shows all of it.
public enum ErrorDisposition: Hashable, Sendable {
    /// The desired state is already reached.
    case done
    /// Sent again later, a limited number of times, then parked.
    case again
    /// Marketo is unavailable: everything waits briefly, and no attempt is used up.
    case away
    /// The same, and it is not known whether it was done: the record waits until Marketo must have finished.
    case doubt
    /// Fewer calls in 20 seconds, fewer at once, none until the day ends: everything waits, no attempt is used up.
    case fewerCalls, fewerAtOnce, nextDay
    /// Nothing can succeed until a person has done something.
    case stop
    /// The lead that the role or the person needs does not exist.
    case noLead
    /// Can be deleted once its roles are.
    case rolesFirst
    /// Sent again without its owner, if that cannot be sent again first; or without fields that Marketo does not
    /// accept.
    case withoutOwner, withoutFields
    /// Refused permanently.
    case park
    /// The same for all records of the call: the call itself is at fault, not one of its records.
    case parkTogether
}

/// The purpose of a call: some codes are good news for a deletion.
public enum CallPurpose: Hashable, Sendable { case sync, delete, read }

extension ErrorDisposition {
    /// `code` is Marketo's code as text, from either level.
    public static func of(_ code: String, _ purpose: CallPurpose, _ kind: RecordKind) -> ErrorDisposition {
        switch (code, purpose) {
        // A record that does not exist needs no deletion.
        case ("1004", .delete), ("1013", .delete): .done
        case ("1004", .sync): kind == .role || kind == .person ? .noLead : .park
        case ("1004", _), ("1013", _): .again
        // A query names the same fields for all the records it asks for, and so does a call about people.
        case ("1006", .read): .parkTogether
        case ("1006", .sync) where kind == .person: .parkTogether
        // Without them all else goes on: a right that is missing for them alone holds up nothing.
        case ("603", _) where kind == .salesPerson: .parkTogether
        case ("1022", .delete): kind == .opportunity ? .rolesFirst : .park
        default: byCode[code] ?? .again
        }
    }

    /// Every code with a treatment of its own.
    public static let codes: Set<String> = Set(byCode.keys).union(["1004", "1013"])

    private static let byCode: [String: ErrorDisposition] = [
        "500": .again, "604": .again, "611": .again,
        "1005": .again, "1017": .again, "1036": .again,

        "502": .doubt,
        "608": .away, "614": .away, "713": .away,
        // The client renews its token automatically; a new token that fails right away is Marketo's problem.
        "600": .away, "601": .away, "602": .away,
        "606": .fewerCalls, "615": .fewerAtOnce, "607": .nextDay,
        "603": .stop, "703": .stop, "1018": .stop,

        "718": .withoutOwner, "1006": .withoutFields,

        // Our fault, the configuration's, or the record's: the same request would be refused again.
        "605": .parkTogether, "610": .parkTogether, "612": .parkTogether, "613": .parkTogether,
        "616": .parkTogether, "1008": .parkTogether, "1009": .parkTogether, "1011": .parkTogether,
        "609": .park,
        "701": .park, "702": .park, "704": .park,
        "1001": .park, "1002": .park, "1003": .park, "1007": .park, "1010": .park,
        "1021": .park, "1022": .park,
    ]

    /// Returns the complaint that decides: those that affect everything come before those that affect one record.
    public static func deciding(
        _ complaints: [MarketoAnswer.Complaint],
        _ purpose: CallPurpose,
        _ kind: RecordKind
    ) -> (disposition: ErrorDisposition, complaint: MarketoAnswer.Complaint)? {
        complaints.map { (disposition: of($0.code, purpose, kind), complaint: $0) }
            .max { $0.disposition.weight < $1.disposition.weight }
    }

    private var weight: Int {
        switch self {
        case .stop: 11
        case .nextDay: 10
        case .fewerCalls: 9
        case .fewerAtOnce: 8
        case .doubt: 7
        case .away: 6
        case .parkTogether: 5
        case .park: 4
        case .noLead, .rolesFirst, .withoutOwner, .withoutFields: 3
        case .again: 2
        case .done: 1
        }
    }

    /// Whether the whole call may have failed because of one record, so that halving finds it. Good news about one
    /// record says nothing about the others.
    public var mayBeOneRecord: Bool {
        switch self {
        case .again, .park, .noLead, .rolesFirst, .withoutOwner, .withoutFields, .done: true
        case .away, .doubt, .fewerCalls, .fewerAtOnce, .nextDay, .stop, .parkTogether: false
        }
    }
}
