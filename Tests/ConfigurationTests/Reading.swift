import Testing

@testable import Configuration

/// The shortest ways to read a configuration in a test.
func configuration(
    _ yaml: String,
    _ environment: [String: String] = [:],
    toServe: Bool = false
) throws -> Configuration {
    try Configuration.read(Array(yaml.utf8), environment: environment, toServe: toServe, readFile: nothingToRead)
        .configuration
}

func problems(_ yaml: String, _ environment: [String: String] = [:], toServe: Bool = false) -> [String] {
    do {
        _ = try Configuration.read(
            Array(yaml.utf8),
            name: "f",
            environment: environment,
            toServe: toServe,
            readFile: nothingToRead
        )
        return []
    } catch {
        return error.all.map(\.description)
    }
}

func warnings(_ yaml: String, _ environment: [String: String] = [:], toServe: Bool = false) throws -> [String] {
    try Configuration.read(Array(yaml.utf8), name: "f", environment: environment, toServe: toServe).warnings
        .map(\.description)
}

func nothingToRead(_ path: String) throws(Unreadable) -> [UInt8] { throw Unreadable(says: "No such file") }
