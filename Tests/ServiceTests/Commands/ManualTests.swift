import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import oneway

/// What is made from the help texts: completion, the manual page, and "did you mean".
@Suite struct ManualTests {
    @Test(
        arguments: [
            ("sevre", "serve"), ("stauts", "status"), ("hepl", "help"), ("parkde", "parked"), ("Status", "status"),
            ("x", nil), ("nonsense", nil), (String(repeating: "s", count: 100_000), nil), ("", nil),
        ] as [(String, String?)]
    )
    func theNearestWordIsMeant(given: String, word: String?) {
        #expect(Nearest.word(to: given, among: Help.commands.map(\.name)) == word)
    }

    /// A distance: the same both ways, nothing to itself, one for one mistake.
    @Test(arguments: UInt64(0)..<30) func distancesAreDistances(seed: UInt64) {
        var random = Seeded(seed)
        func word() -> [Character] {
            (0..<Int.random(in: 0...6, using: &random)).map { _ in ["a", "b", "c"].randomElement(using: &random)! }
        }
        let (one, other) = (word(), word())
        #expect(Nearest.distance(one, other) == Nearest.distance(other, one), "seed \(seed)")
        #expect(Nearest.distance(one, one) == 0, "seed \(seed)")
        var wrong = one
        wrong.insert("z", at: Int.random(in: 0...one.count, using: &random))
        #expect(Nearest.distance(one, wrong) == 1, "seed \(seed)")
    }

    /// In bash itself.
    @Test(arguments: [
        (["oneway", "st"], ["status"]), (["oneway", "serve", "--c"], ["--config"]),
        (["oneway", "retry", "--"], ["--all", "--code", "--config", "--url", "--ca", "--json"]),
        (["oneway", "completion", ""], ["bash", "zsh", "fish"]), (["oneway", "help", "par"], ["parked"]),
        (["oneway", "serve", "--config", "st"], []),
    ])
    func bashCompletes(words: [String], completions: [String]) async {
        let script = """
            \(Completion.bash.script)
            COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " "))); COMP_CWORD=\(words.count - 1)
            _oneway; printf '%s\\n' "${COMPREPLY[@]}"
            """
        let ended = await onOwnThread { Program.run(["bash", "-eu", "-c", script], errorsToo: true) }
        let found = String(decoding: ended.output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(found == completions)
    }

    /// Every command with its options, and no text that could end a quotation.
    @Test(arguments: Completion.allCases) func everyShellKnowsEverything(shell: Completion) {
        for command in Help.commands {
            #expect(shell.script.contains(command.name), "\(command.name)")
            for option in Help.options(of: command.name) {
                #expect(shell.script.contains(String(option.name.dropFirst(2))), "\(command.name) \(option.name)")
            }
        }
        #expect(shell.script.split(separator: "\n").allSatisfy { $0.count { $0 == "'" } % 2 == 0 })
    }

    /// Every line of every help text is a line of the page, and none is a request by accident.
    @Test func theManualPageSaysWhatTheHelpSays() {
        let lines = ManualPage.text.split(separator: "\n", omittingEmptySubsequences: false)
        let shown = Set(
            lines.map { $0.replacing("\\-", with: "-").replacing("\\&", with: "").replacing("\\e", with: "\\") }
        )
        for command in Help.commands where command.name != "help" {
            for line in (Help.text(command.name) ?? "").split(separator: "\n") {
                #expect(shown.contains(line), "\(line)")
            }
        }
        let requests = Set(lines.filter { $0.hasPrefix(".") || $0.hasPrefix("'") }.map { $0.prefix { $0 != " " } })
        #expect(requests == [".TH", ".SH", ".SS", ".B", ".I", ".BR", ".nf", ".fi"])
    }
}
