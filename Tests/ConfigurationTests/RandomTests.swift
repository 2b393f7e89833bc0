import TestSupport
import Testing

@testable import Configuration

/// Unforeseen input: random bytes, broken examples, and round trips of numbers.
@Suite struct RandomTests {
    @Test(arguments: 0..<300) func randomBytesAreAProblemOrAConfiguration(seed: UInt64) {
        var random = Seeded(seed)
        // Bytes with a meaning in YAML occur more often than others.
        let attributeSet = Array("{}[]:,-?&*!|>'\"%@`#\n\t ~\\\u{feff}ab1".utf8)
        let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
            Int.random(in: 0..<8, using: &random) == 0
                ? UInt8.random(in: 0...255, using: &random) : attributeSet.randomElement(using: &random) ?? 0
        }
        _ = try? Configuration.read(bytes, toServe: false)
        var findings = Findings()
        let node = YAMLReader.read(bytes, into: &findings) { .file("f", line: $0, column: $1) }
        #expect(node != nil || !findings.problems.isEmpty, "seed \(seed)")
    }

    /// The example with one byte changed, removed, or doubled, and with lines swapped.
    @Test(arguments: 0..<300) func brokenExamplesAreReadOrRefused(seed: UInt64) throws {
        var random = Seeded(seed)
        var bytes = Array(try ExampleTests.exampleWithEverythingOn().utf8)
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...127, using: &random)
            case 1: bytes.remove(at: at)
            default: bytes.insert(bytes[at], at: at)
            }
        }
        let lines = bytes.count { $0 == 0x0a } + 1
        do {
            _ = try Configuration.read(bytes, name: "f", toServe: false)
        } catch {
            #expect(!error.all.isEmpty)
            for problem in error.all {
                guard case .file(_, let line, let column) = problem.place else { continue }
                #expect((1...lines).contains(line) && column >= 1, "seed \(seed): \(problem)")
            }
        }
    }

    /// An unknown line is reported wherever it is.
    @Test func anUnknownKeyIsFoundOnItsLine() throws {
        let lines = try ExampleTests.text("examples/oneway.yaml").split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        var tried = 0
        for (number, line) in lines.enumerated() where line.contains(": ") && !line.contains("#") {
            let indentation = line.prefix { $0 == " " }
            var changed = lines.map(String.init)
            changed.insert("\(indentation)unknownKey: 1", at: number)
            let told = problems(changed.joined(separator: "\n"))
            #expect(told.count == 1 && told[0].hasPrefix("f:\(number + 1):\(indentation.count + 1): "), "\(told)")
            changed[number] = String(line)
            let doubled = problems(changed.joined(separator: "\n"))
            #expect(doubled.count == 1 && doubled[0].hasPrefix("f:\(number + 2):") && doubled[0].hasSuffix("twice"))
            tried += 1
        }
        #expect(tried > 35)
    }

    @Test(arguments: 0..<50) func numbersAndTextsSurvive(seed: UInt64) throws {
        var random = Seeded(seed)
        let port = Int.random(in: 0...65_535, using: &random)
        let days = Int.random(in: 1...3650, using: &random)
        let letters = Array("abcXYZ019 :#{}[],&*!|>'\"%@`-?\\é€𝄞")
        let middle = String(
            (0..<Int.random(in: 0...40, using: &random)).map { _ in letters.randomElement(using: &random) ?? "x" }
        )
        let secret = "a\(middle)z"
        let quoted = secret.replacing("'", with: "''")
        let json = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let read = try configuration(
            "public: {port: \(port)}\ninbox:\n  keepDays: '\(days)'\nmarketo:\n  clientId: '\(quoted)'\n  clientSecret: \"\(json)\"",
            ["ONEWAY_ADMIN_TOKEN": secret, "ONEWAY_DYNAMICS_KEYS": "[\"\(json)\"]"]
        )
        #expect(read.public.port == port && read.inbox.keepDays == days, "seed \(seed)")
        #expect(read.marketo.clientId == secret && read.marketo.clientSecret.reveal() == secret, "seed \(seed)")
        #expect(read.admin.token?.reveal() == secret && read.dynamics.keys.first?.reveal() == secret, "seed \(seed)")
    }

    /// Every number's bounds, and one beyond them.
    @Test(arguments: Schema.keys.filter { $0.expects.hasPrefix("a whole number from ") }.map(\.name))
    func boundsAreWhereTheySay(_ name: String) throws {
        let key = try #require(Schema.byName[name])
        let words = key.expects.split(separator: " ").compactMap { Int($0) }
        func accepts(_ number: Int) -> Bool {
            var (read, findings) = (Configuration(), Findings())
            key.read(Node(value: .scalar("\(number)", isQuoted: false), place: .nowhere), &findings, &read)
            return findings.problems.isEmpty
        }
        #expect(words.count == 2)
        #expect(accepts(words[0]) && accepts(words[1]) && !accepts(words[0] - 1) && !accepts(words[1] + 1))
    }
}
