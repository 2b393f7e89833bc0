import OnewayCore
import TestSupport
import Testing

@testable import Store

/// Records by part of their names.
@Suite struct FindingTests {
    private static func opportunity(_ number: Int) -> RecordKey { RecordKey(.opportunity, .sample(number)) }

    @Test(arguments: StoreKind.allCases)
    func anywhereInANameNewestFirst(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let names = ["Ölmühle", "Harbour öltank", "Pumps 100%", "pumps_2", "  Pumps", "", "\"Z\" OR AND *"]
            try await store.apply { application in
                application.records = names.enumerated().map { (.sample(.opportunity, $0, name: $1), []) }
                application.records.append((.sample(.account, 50, name: "Pumps Ltd"), []))
            }
            func found(_ text: String) async throws -> [RecordKey] { try await store.find(text, limit: 9) }
            let account = RecordKey(.account, .sample(50))
            #expect(
                try await found("UMPS") == [account, Self.opportunity(4), Self.opportunity(3), Self.opportunity(2)]
            )
            #expect(try await found("ÖLT") == [Self.opportunity(1)])
            #expect(try await found("umps 100%") == [Self.opportunity(2)])
            #expect(try await found("umps_") == [Self.opportunity(3)], "no character is a wildcard")
            #expect(try await found("\" or") == [Self.opportunity(6)], "nor an operator")
            #expect(try await found("umpsx") == [])
            #expect(try await store.find("umps", limit: 2).count == 2)
            // After a change, only the new name is found.
            try await store.apply { $0.records = [(.sample(.opportunity, 3, name: "Ypsilon", second: 9), [])] }
            #expect(try await found("umps_") == [])
            #expect(try await found("psilon") == [Self.opportunity(3)])
            try await store.apply { $0.records = [(.sample(.opportunity, 3, name: "", second: 10), [])] }
            #expect(try await found("psilon") == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func oneOrTwoCharactersAtTheBeginning(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let names = ["Pumps", "a pump", "pa", "öl"]
            try await store.apply { application in
                application.records = names.enumerated().map { (.sample(.opportunity, $0, name: $1), []) }
            }
            #expect(try await store.find("P", limit: 9) == [Self.opportunity(2), Self.opportunity(0)])
            #expect(try await store.find("pu", limit: 9) == [Self.opportunity(0)])
            #expect(try await store.find("ol", limit: 9) == [Self.opportunity(3)])
        }
    }

    /// Composed, as from a keyboard; decomposed, as in a Mac's file names; the Angstrom sign; or not typed at all.
    @Test(arguments: StoreKind.allCases)
    func anAccentIsFoundHoweverItIsTyped(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let names = [
                "Das Caf\u{E9}", "DAS CAFE\u{301}", "\u{212B}ngstr\u{F6}m", "\u{1100}\u{1161}\u{AC00}", "Groß Łódź",
            ]
            try await store.apply { application in
                application.records = names.enumerated().map { (.sample(.opportunity, $0, name: $1), []) }
            }
            func found(_ text: String) async throws -> [RecordKey] { try await store.find(text, limit: 9) }
            for typed in ["caf\u{E9}", "Cafe\u{301}", "cafe"] {
                #expect(try await found(typed) == [Self.opportunity(1), Self.opportunity(0)])
            }
            for typed in ["\u{C5}ngstro\u{308}m", "a\u{30A}ng", "angstrom"] {
                #expect(try await found(typed) == [Self.opportunity(2)])
            }
            #expect(try await found("\u{AC00}\u{AC00}") == [Self.opportunity(3)])
            #expect(try await found("gross lodz") == [Self.opportunity(4)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func peopleByNameAndAddressUntilTheyAreErased(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let key = RecordKey(.contact, .sample(1))
            var person = MirrorRecord(key)
            for (column, text) in [("fullname", "Zoë Nord"), ("emailaddress1", "z.nord@example.com")] {
                person.learn(column, StampedValue(.text(text), Stamp(second: 1, source: .target)))
            }
            try await store.apply { $0.records = [(person, [])] }
            for text in ["zoe", "NORD@EX", "z.n"] { #expect(try await store.find(text, limit: 9) == [key], "\(text)") }
            #expect(try await store.find("nord z", limit: 9) == [], "a search does not go on in the next column")
        }
    }

    /// The index agrees with a plain comparison, whatever comes and goes.
    @Test(arguments: UInt64(0)..<6)
    func bothStoresFindWhatAPlainComparisonFinds(seed: UInt64) async throws {
        var random = Seeded(seed)
        let letters = Array("aAbBéö \"%'*-").map(String.init)
        func text(_ longest: Int) -> String {
            (0..<Int.random(in: 0...longest, using: &random)).map { _ in letters.randomElement(using: &random)! }
                .joined()
        }
        var changes: [(number: Int, name: String)] = []
        for _ in 0..<60 { changes.append((Int.random(in: 0..<20, using: &random), text(12))) }
        let asked = (0..<40).map { _ in text(5) }
        let last = Dictionary(changes.map { ($0.number, $0.name) }, uniquingKeysWith: { $1 })
        for kind in StoreKind.allCases {
            try await withStore(kind) { store in
                for (second, change) in changes.enumerated() {
                    let record = MirrorRecord.sample(
                        .opportunity,
                        change.number,
                        name: change.name,
                        second: Int64(second + 1)
                    )
                    try await store.apply { $0.records = [(record, [])] }
                }
                for text in asked {
                    let words = SearchWords.of(text)
                    let isLong = words.unicodeScalars.count >= SearchWords.anywhereMin
                    let expected = last.filter { _, name in
                        let name = SearchWords.of(name)
                        if name.isEmpty { return false }
                        return isLong ? name.contains(words) : name.hasPrefix(words)
                    }
                    let found = try await store.find(text, limit: 99)
                    #expect(Set(found) == Set(expected.keys.map(Self.opportunity)), "seed \(seed): \(text)")
                }
                #expect(try await store.problems() == [])
            }
        }
    }
}
