/// A Marketo record as canonical JSON: always the same members in the same order, so that equal records are equal
/// bytes.
///
/// A member left out is unknown, and stays as it is in Marketo; a null one is cleared. A role names its contact, and
/// `lead`, the value by which its lead is found, where that is not the contact's id: the sender replaces them with
/// Marketo's own lead id.
struct MarketoRecord {
    private var members: [JSON.Member] = []

    mutating func add(_ name: String, _ value: JSON) { members.append(JSON.Member(name, value)) }

    var bytes: [UInt8] { JSON.object(members).encoded }
}
