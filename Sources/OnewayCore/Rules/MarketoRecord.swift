/// A Marketo record as canonical JSON: always the same members in the same order, so that equal records are equal bytes.
///
/// A member left out is unknown, and stays in Marketo as it is; a null one is cleared. A role names its contact, and
/// `lead`, the value by which its lead is found, where that is not the contact's id: who sends it puts Marketo's own
/// lead id in their place.
struct MarketoRecord {
    private var members: [JSON.Member] = []

    mutating func add(_ name: String, _ value: JSON) { members.append(JSON.Member(name, value)) }

    var bytes: [UInt8] { JSON.object(members).encoded }
}
