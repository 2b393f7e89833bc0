import Configuration
import Glibc

/// The configuration as the command line and the environment give it.
enum Settings {
    static func source(_ path: String?) -> ConfigurationSource {
        ConfigurationSource(path: path, environment: environment())
    }

    /// The token alone: with an address on the command line, the rest of the configuration is another service's.
    static func adminTokenOfTheEnvironment() throws(Problems) -> Secret? {
        let token = environment().filter { ["ONEWAY_ADMIN_TOKEN", "ONEWAY_ADMIN_TOKEN_FILE"].contains($0.key) }
        return try ConfigurationSource(path: nil, environment: token).read(toServe: false).configuration.admin.token
    }

    static func complain(_ problems: Problems) {
        let count = problems.all.count == 1 ? "1 problem" : "\(problems.all.count) problems"
        Terminal.complain("The configuration has \(count):\n\(problems.description)")
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
