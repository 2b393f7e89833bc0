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

    init?(_ value: Value?) {
        // By bytes: a space and a combining mark after it are one Character.
        guard case .text(let text) = value, let space = text.utf8.firstIndex(of: UInt8(ascii: " ")),
            let id = GUID(String(text[..<space]))
        else { return nil }
        self.init(id: id, name: String(text[text.utf8.index(after: space)...]))
    }
}
