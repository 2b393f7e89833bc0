import Configuration
import Glibc

/// The configuration as the command line and the environment give it.
enum Settings {
    struct Wrong: Error { let says: String }

    static func load(_ path: String?) throws(Wrong) -> LoadedConfiguration {
        do {
            let text = try path.map { path throws(Unreadable) in try Configuration.readFile(path) }
            return try Configuration.read(text, name: path ?? "", environment: environment())
        } catch let problems as Problems {
            let count = problems.all.count == 1 ? "1 problem" : "\(problems.all.count) problems"
            throw Wrong(says: "The configuration has \(count):\n\(problems.description)")
        } catch let unreadable as Unreadable {
            throw Wrong(says: "\(path ?? "") cannot be read: \(unreadable.says)")
        } catch {
            throw Wrong(says: "\(error)")
        }
    }

    private static func environment() -> [String: String] {
        var found: [String: String] = [:]
        var entries = unsafe environ
        while let entry = unsafe entries.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                found[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            unsafe entries += 1
        }
        return found
    }
}
