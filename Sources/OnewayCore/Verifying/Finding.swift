/// One difference between what Marketo should hold and what it holds.
public struct Finding: Hashable, Sendable {
    public enum What: String, Hashable, Sendable, CaseIterable { case missing, different, superfluous }

    /// The side that changed without Oneway.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// Marketo confirmed it, and does not hold it any more.
        case marketo
        /// Dynamics has something else by now, and no notification told it.
        case dynamics
    }

    public let what: What
    public let kind: RecordKind
    /// The key as in the outbox; for what Oneway never sent, Marketo's own: a role's is `<opportunity>/<lead>/<role>`.
    public let key: String
    /// Nil for a company, and for an id that Dynamics cannot have.
    public let opportunity: GUID?
    public let cause: Cause
    public let fields: [FieldDifference]
    public let says: String

    public init(
        _ what: What,
        _ kind: RecordKind,
        _ key: String,
        of opportunity: GUID?,
        _ cause: Cause,
        fields: [FieldDifference] = [],
        says: String
    ) {
        (self.what, self.kind, self.key, self.opportunity) = (what, kind, key, opportunity)
        (self.cause, self.fields, self.says) = (cause, fields, says)
    }

    /// Whether the records that Oneway has been told of say the same as Dynamics, so that it is about to do it anyhow.
    /// `told` is what follows from them.
    public func follows(from told: [DeliveryKey: [UInt8]?]) -> Bool {
        guard cause == .dynamics, let record = told[DeliveryKey(kind, key)] else { return false }
        switch what {
        case .missing: return record != nil
        case .superfluous: return record == nil
        case .different:
            let members = record.map(RecordMembers.init)
            return fields.allSatisfy { members?[$0.name]?.encoded == $0.dynamics }
        }
    }

    public func json(sentAgain: Bool) -> JSON {
        [
            "what": .string(what.rawValue), "kind": .string(kind.rawValue), "key": .string(key),
            "opportunity": .optional(opportunity.map { "\($0)" }), "cause": .string(cause.rawValue),
            "fields": .array(fields.map(\.json)), "says": .string(says), "sentAgain": .bool(sentAgain),
        ]
    }
}

/// A field's values side by side, as encoded JSON; nil: left out.
public struct FieldDifference: Hashable, Sendable {
    public let name: String
    /// What follows from the records in Dynamics now.
    public let dynamics: [UInt8]?
    /// What follows from what Oneway was told.
    public let wanted: [UInt8]?
    public let marketo: [UInt8]?

    public init(_ name: String, dynamics: [UInt8]?, wanted: [UInt8]?, marketo: [UInt8]?) {
        (self.name, self.dynamics, self.wanted, self.marketo) = (name, dynamics, wanted, marketo)
    }

    var json: JSON {
        [
            "name": .string(name), "dynamics": dynamics.map(JSON.encoded) ?? .null,
            "wanted": wanted.map(JSON.encoded) ?? .null, "marketo": marketo.map(JSON.encoded) ?? .null,
        ]
    }
}

extension FieldDifference {
    /// The fields in which Marketo's record is not the one that follows from Dynamics.
    ///
    /// A field that the record leaves out is unknown, and whatever Marketo has there is right.
    /// - Parameters:
    ///   - expected: The record that follows from Dynamics.
    ///   - wanted: The one that follows from what Oneway was told; nil: none.
    ///   - ignoring: Fields that Marketo does not take, and those that identify the record.
    public static func between(
        _ expected: RecordMembers,
        _ wanted: RecordMembers?,
        _ held: JSONValue,
        _ fields: MarketoFields?,
        ignoring: (String) -> Bool
    ) -> [FieldDifference] {
        let heldMembers = Dictionary(held.members.map { ($0.name, $0.value) }) { first, _ in first }
        return expected.all.compactMap { name, value in
            let there = heldMembers[name]
            guard !ignoring(name), !MarketoValue.isSame(value, there, fields?.byName[name]) else { return nil }
            return FieldDifference(
                name,
                dynamics: value.encoded,
                wanted: wanted?[name]?.encoded,
                marketo: there?.encoded
            )
        }
    }
}
