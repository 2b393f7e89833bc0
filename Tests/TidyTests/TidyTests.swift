import Foundation
import TestSupport
import Testing
import Threads

/// Style is tested, so that it need not be discussed.
@Suite struct TidyTests {
    static let linesOfAFileMax = 350
    static let linesOfAFunctionMax = 70

    /// The files that may import each restricted module; no others may.
    static let doors: [String: [String]] = [
        "CMalloc": ["Sources/oneway/"],
        "CMicroHTTPD": ["Sources/HTTPServer/"],
        "CYAML": ["Sources/Configuration/"],
        "CPostgres": ["Sources/Store/PostgreSQL/Connection/"],
        "CSQLite": ["Sources/Store/"],
        "CLZ4": ["Sources/Store/"],
        "CCurl": ["Sources/HTTPClient/"],
        "Foundation": ["Tests/", "Benchmarks/", "Plugins/"],
        "FoundationNetworking": ["Tests/"],
        "Glibc": [
            "Sources/Admin/", "Sources/Configuration/", "Sources/Coordination/", "Sources/HTTPServer/",
            "Sources/Sandbox/", "Sources/Service/", "Sources/Store/", "Sources/Telemetry/", "Sources/Threads/",
            "Sources/oneway/", "Tests/", "Benchmarks/",
        ],
    ]

    /// The pure core uses no thread, no clock, no file, no C.
    static let coreMayImport: Set<String> = ["FoundationEssentials"]

    @Test func filesStayShort() throws {
        for file in try Source.all where file.lines.count > Self.linesOfAFileMax {
            Issue.record("\(file.path) has \(file.lines.count) lines; at most \(Self.linesOfAFileMax)")
        }
    }

    @Test func functionsStayShort() throws {
        for file in try Source.all {
            for function in file.functions where function.length > Self.linesOfAFunctionMax {
                Issue.record(
                    "\(file.path):\(function.line) is \(function.length) lines long; at most \(Self.linesOfAFunctionMax)"
                )
            }
        }
    }

    @Test func importsKeepToTheirDoors() throws {
        for file in try Source.all {
            for module in file.imports {
                if let allowed = Self.doors[module], !allowed.contains(where: file.path.hasPrefix) {
                    Issue.record("\(file.path) imports \(module), which only \(allowed.joined(separator: ", ")) may")
                }
                if file.path.hasPrefix("Sources/OnewayCore/"), !Self.coreMayImport.contains(module) {
                    Issue.record("\(file.path) imports \(module); the core is pure")
                }
            }
        }
    }

    @Test func theCoreDoesNotWait() throws {
        for file in try Source.all where file.path.hasPrefix("Sources/OnewayCore/") {
            for (number, line) in file.code.enumerated() where line.contains("await ") || line.contains("Task {") {
                Issue.record("\(file.path):\(number + 1): the core is pure, nothing in it waits")
            }
        }
    }

    @Test func everyClaimOfSendabilityCarriesItsProof() throws {
        for file in try Source.all where file.path.hasPrefix("Sources/") {
            for (number, line) in file.lines.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                let around = file.lines[max(0, number - 6)...min(file.lines.count - 1, number + 4)]
                if !around.contains(where: { $0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }) {
                    Issue.record("\(file.path):\(number + 1) needs a comment that says why it is right")
                }
            }
        }
    }

    @Test func nothingUnfinishedIsLeftBehind() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "try" + "!", "fatal" + "Error("]
        for file in try Source.all {
            for (number, line) in file.lines.enumerated() {
                let words = line.split { !$0.isLetter && !"!(".contains($0) }
                for mark in marks
                where words.contains(where: { $0 == mark || !mark.allSatisfy(\.isLetter) && $0.contains(mark) }) {
                    Issue.record("\(file.path):\(number + 1) says \(mark)")
                }
            }
        }
    }

    @Test func formattingIsTheFormatters() async throws {
        let folders = ["Package.swift", "Plugins", "Sources", "Tests", "Benchmarks"].map { Source.root.path + "/" + $0 }
        let configuration = ["--configuration", Source.root.path + "/.swift-format"]
        let command = ["swift", "format", "lint", "--strict", "--parallel", "-r"] + configuration + folders
        let lint = await onOwnThread { Program.run(command, errorsToo: true) }
        #expect(lint.status == 0, "`make format` fixes this:\n\(String(decoding: lint.output, as: UTF8.self))")
    }
}
