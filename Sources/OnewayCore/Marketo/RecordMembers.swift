/// The members of one Marketo record, decoded from its canonical JSON. Empty for what is not an object.
public struct RecordMembers {
    public let all: [(name: String, value: JSONValue)]

    public init(_ record: [UInt8]) {
        all = (try? JSONDocument(record).root)?.members.map { ($0.name, $0.value) } ?? []
    }

    public subscript(name: String) -> JSONValue? { all.first { $0.name == name }?.value }

    public func text(_ name: String) -> String? { self[name]?.string }
}
