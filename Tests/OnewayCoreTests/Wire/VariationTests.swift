import TestSupport
import Testing

@testable import OnewayCore

/// A body means the same in any order of its attributes and members, with any escaping and encoding of its text, and
/// with anything that Dynamics may add in future.
@Suite struct VariationTests {
    @Test(arguments: Array(UInt64(1)...60)) func aBodySaysTheSameInEveryDress(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let attributes = Self.attributes(&random)
        let plain = Wire(message: random.pick(["Create", "Update"]), attributes: attributes)
        let expected = try #require(try plain.facts())
        for _ in 0..<10 {
            var wire = plain
            wire.attributes.shuffle(using: &random)
            wire.extraMembers = (0..<Int.random(in: 0...2, using: &random)).map {
                ("Future\($0)", #"{"a":[1,{"b":null}]}"#)
            }
            var members = wire.members
            members.shuffle(using: &random)
            let separator = random.pick([",", " ,\n\t", ", "])
            var text = "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: separator) + "}"
            text = Self.slashes(text, escaped: random.chance(2))
            var body = Array(text.utf8)
            let isTwice = random.chance(2)
            if isTwice { body = TextRepairTests.encodedTwice(body) }
            if random.chance(4) { body = [0xef, 0xbb, 0xbf] + body }
            let notification = try OnewayCore.DynamicsNotification.decode(body, selection: .everything)
            let facts = notification.facts(receivedAt: Timestamp(second: Wire.second + 60))
            #expect(facts == [expected], "seed \(seed)")
            #expect(notification.isRepaired == isTwice, "seed \(seed)")
        }
    }

    /// Contains text beyond ASCII, so that double encoding can be detected.
    private static func attributes(_ random: inout Seeded) -> [(key: String, value: String)] {
        let values = [
            "null", "true", "1.50", "\"a/b \\\\ \\\"c\\\" \\u00e9\"", "\"Grüße – 日本\"",
            Wire.money("9007199254740993.01"),
            Wire.option(7), Wire.reference("contact", Wire.contactC), Wire.date(-5),
            "[\(Wire.option(2)),\(Wire.option(1))]",
            #"{"__type":"Future:x","Value":[{}]}"#,
        ]
        let others = (0..<Int.random(in: 0...12, using: &random)).map { index in
            (key: "new_\(index)", value: random.pick(values))
        }
        let known: [(key: String, value: String)] = [
            ("name", "\"Größe und Łódź\""),
            ("customerid", Wire.reference(random.pick(["account", "contact"]), Wire.contactC)),
            ("statecode", Wire.option(Int.random(in: 0...2, using: &random))),
        ]
        return known + others
    }

    private static func slashes(_ text: String, escaped: Bool) -> String {
        let plain = text.replacing("\\/", with: "/")
        return escaped ? plain.replacing("/", with: "\\/") : plain
    }
}
