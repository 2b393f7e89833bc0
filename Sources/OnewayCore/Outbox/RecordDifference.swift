/// The members in which two records differ.
enum RecordDifference {
    /// As an object `{"before", "after"}`. A record that appears or disappears is there as a whole.
    static func encoded(_ before: [UInt8]?, _ after: [UInt8]?) -> [UInt8] {
        guard let before, let after else {
            return object(before.map(JSON.encoded) ?? .null, after.map(JSON.encoded) ?? .null)
        }
        let (old, new) = (RecordMembers(before).encoded, RecordMembers(after).encoded)
        return object(members(old, not: new), members(new, not: old))
    }

    private static func object(_ before: JSON, _ after: JSON) -> [UInt8] {
        let object: JSON = ["before": before, "after": after]
        return object.encoded
    }

    private static func members(_ record: [String: [UInt8]], not other: [String: [UInt8]]) -> JSON {
        let differing = record.filter { other[$0.key] != $0.value }.sorted { $0.key < $1.key }
        return .object(differing.map { JSON.Member($0.key, .encoded($0.value)) })
    }
}

extension RecordMembers {
    fileprivate var encoded: [String: [UInt8]] {
        Dictionary(all.map { ($0.name, Array($0.value.encoded)) }, uniquingKeysWith: { first, _ in first })
    }
}
