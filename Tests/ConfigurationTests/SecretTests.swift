import Testing

@testable import Configuration

@Suite struct SecretTests {
    static let text = "correct-horse-battery"
    let secret = Secret(text)

    @Test func neverPrints() {
        var dumped = ""
        dump(["key": secret], to: &dumped)
        var configuration = Configuration()
        configuration.dynamics.keys = [secret]
        configuration.dynamics.headers = ["x-key": [secret]]
        configuration.admin.token = secret
        configuration.store = .postgreSQL(secret)
        var whole = ""
        dump(configuration, to: &whole)
        let printed = [
            secret.description, secret.debugDescription, "\(secret)", String(reflecting: secret), dumped,
            "\([secret])", "\(Optional(secret) as Any)",
            String(describing: Mirror(reflecting: secret).children.map(\.value)),
            whole, "\(configuration)", String(reflecting: configuration),
        ]
        for text in printed {
            #expect(!text.contains("horse"))
            // Nor as a list of bytes.
            #expect(!text.contains("99, 111") && !text.contains("- 99\n"))
        }
        #expect("\(secret)" == "<secret>")
        #expect(secret.reveal() == Self.text)
    }

    @Test(arguments: [
        ("", false), ("correct-horse-batter", false), ("correct-horse-battery\0", false),
        ("Correct-horse-battery", false),
        ("correct-horse-batterz", false), ("correct-horse-battery", true), ("correct-horse-batteryy", false),
        (String(repeating: "correct-horse-battery", count: 50), false),
    ])
    func matchesOnlyItself(candidate: String, matches: Bool) {
        #expect(secret.matches(candidate) == matches)
        #expect([Secret("other"), secret, Secret("third")].matches(candidate) == matches)
    }

    @Test func anEmptySecretMatchesNothing() {
        #expect(!Secret("").matches(""))
        #expect(![Secret("")].matches(""))
        #expect(![Secret]().matches("x"))
    }

    @Test(arguments: [1, 255, 256, 257, 511, 512, 513, 4096])
    func everyLengthMatchesItselfAndNoNeighbour(length: Int) {
        let text = String(repeating: "k", count: length)
        #expect(Secret(text).matches(text))
        #expect(!Secret(text).matches(text + "k"))
        #expect(!Secret(text).matches(text.dropLast() + "\0"))
        // The padding repeats: a candidate that is one period longer must still differ.
        #expect(!Secret(text).matches(text + String(repeating: "\0", count: 8192 - length) + text))
        #expect(Secret(text) == Secret(text))
        #expect(Secret(text) != Secret(text + "k"))
    }

    /// Guards against an early exit: the position of the first difference must not affect the time. The fastest of many
    /// short, alternating measurements is the least disturbed by a busy machine.
    @Test func theTimeDoesNotTellWhereTheDifferenceIs() {
        let text = [UInt8](repeating: 0x6b, count: 512)
        let secret = Secret(String(decoding: text, as: UTF8.self))
        var (early, late) = (text, text)
        early[0] = 0
        late[511] = 0
        let clock = ContinuousClock()
        func time(_ candidate: [UInt8]) -> Duration {
            clock.measure { if secret.matches(candidate) { Issue.record("matched") } }
        }
        var (earliest, latest) = (time(early), time(late))
        for _ in 0..<200 { (earliest, latest) = (min(earliest, time(early)), min(latest, time(late))) }
        let ratio = earliest / latest
        #expect((0.2...5).contains(ratio), "an early exit would make this about 0.01")
    }
}
