import OnewayCore
import Testing

@testable import Sandbox

@Suite struct WireTextTests {
    static let escapes: [(json: JSON, wire: String)] = [
        ("a/b", #""a\/b""#), ("a\nb\r\t", #""a\u000ab\u000d\u0009""#), (#"\ " /"#, #""\\ \" \/""#),
        ("\u{1}", #""\u0001""#),
        (#"\n"#, #""\\n""#), (["k/": 1], #"{"k\/":1}"#), ("é", "\"é\""),
    ]

    @Test(arguments: escapes) func slashesAndControlsAreEscapedAsTheSerializerDoes(json: JSON, wire: String) {
        #expect(String(decoding: WireText.escaped(json.encoded), as: UTF8.self) == wire)
    }

    @Test(arguments: [
        ("plain", "plain"), ("é", "Ã©"), ("€", "â‚¬"), ("Í", "Ã\u{8d}"), ("Ł", "Å\u{81}"), ("日", "æ—¥"), ("😀", "ðŸ˜€"),
    ])
    func bytesAreTakenForWindows1252(text: String, twice: String) {
        #expect(WireText.encodedTwice(Array(text.utf8)) == Array(twice.utf8))
    }

    /// Every byte that UTF-8 can have, so that whoever repairs it has it all back.
    @Test func nothingIsLost() throws {
        var dataverse = Dataverse()
        try dataverse.register("Update", of: "account")
        let scalars = (0xa0...0x2fff).compactMap(Unicode.Scalar.init).map { String(Character($0)) }
        for start in stride(from: 0, to: scalars.count, by: 1000) {
            let text = scalars[start..<min(start + 1000, scalars.count)].joined()
            _ = try dataverse.apply(.update(table: "account", Company.account(1), ["description": .text(text)]))
            let notification = try DynamicsNotification.decode(dataverse.sent()[0].request.body, selection: .everything)
            let told = notification.changes.flatMap(\.attributeSets).flatMap(\.attributes).first {
                $0.name == "description"
            }
            #expect(told?.value == .text(text))
        }
    }
}
