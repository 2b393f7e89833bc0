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

struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
