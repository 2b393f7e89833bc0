/// The name of a look-up's target, as reported with the look-up; for tables that the mirror does not keep.
///
/// Kept as one value together with the target's id: a look-up and its name are merged separately, and the name of one
/// target must never be used for another.
struct LookupName: Hashable {
    let id: GUID
    let name: String

    /// The attribute that holds it: `ownerid.name`. No column of Dynamics has a dot.
    static func column(of lookup: String) -> String { lookup + ".name" }

    static func isColumn(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: ".")) }

    var value: Value { .text("\(id) \(name)") }

    init(id: GUID, name: String) {
        self.id = id
        self.name = name
    }

    /// Whether the name that a record has of a look-up's target is the present one's; also where it has none to have.
    static func isKnown(of lookup: String, in record: MirrorRecord?, for target: Value?) -> Bool {
        guard let (entity, id) = target?.reference, Entity(rawValue: entity)?.isReported != true else { return true }
        return LookupName(record?[column(of: lookup)])?.id == id
    }

    init?(_ value: Value?) {
        // By bytes: a space and a combining mark after it are one Character.
        guard case .text(let text) = value, let space = text.utf8.firstIndex(of: UInt8(ascii: " ")),
            let id = GUID(String(text[..<space]))
        else { return nil }
        self.init(id: id, name: String(text[text.utf8.index(after: space)...]))
    }
}

extension MirrorRecord {
    /// Whether a newer state of it has a look-up whose target's name is not known, among those whose names are kept.
    public func lacksName(in newer: MirrorRecord, _ columns: Set<String>) -> Bool {
        columns.compactMap(DynamicsRow.lookup(namedBy:)).contains { lookup in
            !LookupName.isKnown(of: lookup, in: self, for: newer[lookup])
        }
    }
}
