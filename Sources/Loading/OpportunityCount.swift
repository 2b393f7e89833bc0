package import OnewayCore

/// How many opportunities Dynamics had when somebody looked at all of them.
package struct OpportunityCount: Hashable, Sendable {
    package static let note = "opportunities-in-dynamics"

    package let count: Int
    package let at: Timestamp

    package init(count: Int, at: Timestamp) { (self.count, self.at) = (count, at) }

    package init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root, let count = root["count"]?.int,
            let at = root["at"]?.string.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        self.init(count: count, at: at)
    }

    package var bytes: [UInt8] { JSON.object([.init("count", .int(count)), .init("at", .string("\(at)"))]).encoded }
}
