import Foundation
import OnewayCore
import Testing

@testable import Admin
@testable import Intake
@testable import Reading
@testable import oneway

/// The documents agree with the code.
@Suite struct ContractTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static let everyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]

    @Test func openapiHasTheRoutesAndTheirMethods() throws {
        let document = try Self.documentedMethods()
        let `public` = Dictionary(
            uniqueKeysWithValues: PublicRoute.allCases.map { route in
                (
                    route.rawValue,
                    Set(route.methods?.filter { $0 != "HEAD" } ?? Self.everyMethod)
                )
            }
        )
        let admin = Dictionary(uniqueKeysWithValues: AdminRoute.documented.map { ($0.path, Set($0.methods)) })
        // The probes are the same on both listeners.
        #expect(document == `public`.merging(admin) { $0.union($1) })
    }

    @Test func everyDocumentedAdminPathIsARoute() throws {
        for (path, methods) in AdminRoute.documented {
            let id = "00000000-0000-0000-0000-000000000001"
            let example = path.replacingOccurrences(of: #"\{[a-z]+\}"#, with: id, options: .regularExpression)
            let route = try #require(AdminRoute(path: example), "\(path)")
            #expect(route.methods.filter { $0 != "HEAD" } == methods, "\(path)")
        }
    }

    /// A parameter of the query that a path does not take is an error, so both lists have to be complete.
    @Test func openapiHasTheParametersOfEachPath() throws {
        let text = try Self.text("openapi.yaml")
        let shared = [
            "Limit", "AfterNotification", "AfterOpportunity", "AfterChange", "AfterContact", "AfterRecord",
            "AfterRefusal",
        ]
        for path in AdminRoute.documented.map(\.path) where path.hasPrefix("/api/") {
            let section = try #require(text.components(separatedBy: "\n  \(path):\n").dropFirst().first)
                .components(separatedBy: "\n  /")[0].components(separatedBy: "\ncomponents:")[0]
            var documented = Set(section.matches(of: /name: (\w+), in: query/).map { String($0.1) })
            for name in shared where section.contains("parameters/\(name)\" }") {
                documented.insert(name == "Limit" ? "limit" : "after")
            }
            let example = path.replacingOccurrences(of: #"\{[a-z]+\}"#, with: "x", options: .regularExpression)
            #expect(AdminRoute(path: example)?.parameters == documented, "\(path)")
        }
    }

    /// Whatever is asked of the admin listener, it may refuse the caller, be overloaded, or be sent too much.
    @Test func openapiHasWhatTheAdminListenerRefuses() throws {
        let text = try Self.text("openapi.yaml")
        for (path, methods) in AdminRoute.documented where path != "/healthz" && path != "/readyz" {
            let section = try #require(text.components(separatedBy: "\n  \(path):\n").dropFirst().first)
                .components(separatedBy: "\n  /")[0].components(separatedBy: "\ncomponents:")[0]
            for method in methods {
                let operation = try #require(
                    "\n\(section)".components(separatedBy: "\n    \(method.lowercased()):\n").dropFirst().first
                ).split(separator: /\n {4}[a-z]/)[0]
                let isSent = operation.contains("\n      requestBody:")
                for status in ["401", "403", "503"] + (isSent ? ["413"] : []) {
                    #expect(operation.contains("\n        \"\(status)\":"), "\(method) \(path) \(status)")
                }
            }
        }
    }

    @Test func theLicenseIsTheProjects() throws {
        #expect(try Self.text("LICENSE").contains("Apache License"))
        #expect(try Self.text("openapi.yaml").contains("identifier: Apache-2.0\n"))
    }

    @Test func openapiHasEveryErrorCode() throws {
        let text = try Self.text("openapi.yaml")
        let list = try #require(
            text.components(separatedBy: "        code:\n          enum: [").last?.components(separatedBy: "]").first
        )
        let codes = list.split { !$0.isLetter && $0 != "-" }.map(String.init)
        #expect(codes == ErrorCode.allCases.map(\.rawValue).sorted())
    }

    @Test func openapiHasEveryReasonToRead() throws {
        let reasons = QuestionReason.allCases.map(\.rawValue).joined(separator: ", ")
        #expect(try Self.text("openapi.yaml").contains("reason: { enum: [\(reasons)] }"))
    }

    /// Between braces, a comma ends a text that is not quoted, and the rest of it would be a member.
    @Test func descriptionsWithCommasAreQuoted() throws {
        for line in try Self.text("openapi.yaml").components(separatedBy: "\n") where line.contains("{") {
            guard let description = line.firstRange(of: "description: "),
                line[..<description.lowerBound].contains("{")
            else { continue }
            let text = line[description.upperBound...].prefix { !"\"{}".contains($0) }
            for part in text.components(separatedBy: ", ").dropFirst() where !part.isEmpty {
                #expect(part.range(of: "^[A-Za-z$-]+:", options: .regularExpression) != nil, "\(line)")
            }
        }
    }

    @Test func everyErrorCodeHasItsHeading() throws {
        let headings = try Self.text("docs/errors.md").components(separatedBy: "\n### ").dropFirst().map {
            String($0.prefix { $0 != "\n" })
        }
        #expect(Set(headings) == Set(ErrorCode.allCases.map(\.rawValue)))
        #expect(headings.count == ErrorCode.allCases.count)
    }

    @Test func helpKnowsEveryCommandAndNoOther() {
        for command in Help.commands {
            #expect(Help.text(command.name) != nil)
            #expect(Self.isKnown(command.name))
        }
        #expect(throws: UsageError.self) { try Invocation(["nonsense"]) }
        #expect(Help.text("nonsense") == nil)
    }

    /// A command line with it may be incomplete, but the command is known.
    private static func isKnown(_ command: String) -> Bool {
        do throws(UsageError) { _ = try Invocation([command]) } catch {
            return !error.says.contains("There is no command")
        }
        return true
    }

    /// The methods of each path, from the document's two levels of indentation.
    private static func documentedMethods() throws -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        var path: String?
        let paths = try text("openapi.yaml").components(separatedBy: "\npaths:\n")[1].components(
            separatedBy: "\ncomponents:"
        )[0]
        for line in paths.split(separator: "\n") {
            if line.hasPrefix("  /") { path = line.trimmingCharacters(in: [" ", ":"]) }
            if line.hasPrefix("    "), !line.hasPrefix("     "), let path {
                found[path, default: []].insert(line.trimmingCharacters(in: [" ", ":"]).uppercased())
            }
        }
        return found
    }
}
