import Foundation

/// One Swift file of the project, as text.
struct Source {
    let path: String
    let lines: [String]

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var all: [Source] {
        get throws {
            try ["Sources", "Tests", "Benchmarks", "Plugins"].flatMap { folder in
                let files = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
                return try (files?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }.sorted().map {
                    try Source(path: "\(folder)/\($0)")
                }
            }
        }
    }

    init(path: String) throws {
        self.path = path
        let text = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ").drop { $0.hasPrefix("@") || $0 == "public" || $0 == "package" }
            return words.first == "import" ? words.dropFirst().last.map { String($0.prefix { $0 != "." }) } : nil
        }
    }

    /// The lines with comments blanked.
    var code: [String] {
        lines.map { $0.trimmingCharacters(in: .whitespaces).hasPrefix("//") ? "" : $0 }
    }

    /// From `func` or `init` to the closing brace at the same indentation: exact for formatted code.
    var functions: [(line: Int, length: Int)] {
        code.enumerated().compactMap { start, line in
            let text = line.drop { $0 == " " }
            guard text.contains("func ") || text.hasPrefix("init") || text.contains(" init("), text.hasSuffix("{")
            else {
                return nil
            }
            let closing = String(repeating: " ", count: line.count - text.count) + "}"
            let end = code[start...].firstIndex { $0 == closing || $0.hasPrefix(closing + " ") } ?? start
            return (start + 1, end - start + 1)
        }
    }
}
