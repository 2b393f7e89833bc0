/// What Oneway does about one of Marketo's codes. A table, because Adobe's is one: docs/operating.md shows it whole.
public enum ErrorDisposition: Hashable, Sendable {
    /// What was wanted is so already.
    case done
    /// Sent again later, so many times, then parked.
    case again
    /// Marketo is away: everything waits a little, and no attempt is used up.
    case away
    /// The same, and nobody knows whether it was done: the record waits until Marketo must have ended.
    case doubt
    /// Fewer calls in 20 seconds, fewer at once, none before the day ends: everything waits, no attempt is used up.
    case fewerCalls, fewerAtOnce, nextDay
    /// Nothing can succeed before a person has done something.
    case stop
    /// The person that the role needs is not there.
    case noLead
    /// Deleted once its roles are.
    case rolesFirst
    /// Sent again without its owner, or without fields that Marketo does not take.
    case withoutOwner, withoutFields
    /// Refused for good.
    case park
    /// The same for all records of the call: not one of them is at fault, but the call itself.
    case parkTogether
}

/// What a call wants of Marketo: some codes are good news for a deletion.
public enum CallPurpose: Hashable, Sendable { case sync, delete, read }

extension ErrorDisposition {
    /// `code` is what Marketo says, as text, at either level.
    public static func of(_ code: String, _ purpose: CallPurpose, _ kind: RecordKind) -> ErrorDisposition {
        switch (code, purpose) {
        // What is not there need not go.
        case ("1004", .delete), ("1013", .delete): .done
        case ("1004", .sync): kind == .role ? .noLead : .park
        case ("1004", _), ("1013", _): .again
        // A question names the same fields for all records it asks about.
        case ("1006", .read): .parkTogether
        case ("1022", .delete): kind == .opportunity ? .rolesFirst : .park
        default: byCode[code] ?? .again
        }
    }

    /// Every code that has a treatment of its own.
    public static let codes: Set<String> = Set(byCode.keys).union(["1004", "1013"])

    private static let byCode: [String: ErrorDisposition] = [
        "500": .again, "604": .again, "611": .again,
        "1005": .again, "1017": .again, "1036": .again,

        "502": .doubt,
        "608": .away, "614": .away, "713": .away,
        // The client renews its token by itself; one that fails right after is Marketo's trouble.
        "600": .away, "601": .away, "602": .away,
        "606": .fewerCalls, "615": .fewerAtOnce, "607": .nextDay,
        "603": .stop, "703": .stop, "1018": .stop,

        "718": .withoutOwner, "1006": .withoutFields,

        // Ours or the configuration's fault, or the record's: the same again would be refused again.
        "605": .parkTogether, "610": .parkTogether, "612": .parkTogether, "613": .parkTogether,
        "616": .parkTogether, "1008": .parkTogether, "1009": .parkTogether, "1011": .parkTogether,
        "609": .park,
        "701": .park, "702": .park, "704": .park,
        "1001": .park, "1002": .park, "1003": .park, "1007": .park, "1010": .park,
        "1021": .park, "1022": .park,
    ]

    /// Of several complaints the one that decides: what concerns everybody before what concerns one record.
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

    /// Whether the call as a whole may have failed for one record of it, so that halves find it. What is good news of one
    /// record says nothing of the others.
    public var mayBeOneRecord: Bool {
        switch self {
        case .again, .park, .noLead, .rolesFirst, .withoutOwner, .withoutFields, .done: true
        case .away, .doubt, .fewerCalls, .fewerAtOnce, .nextDay, .stop, .parkTogether: false
        }
    }
}
