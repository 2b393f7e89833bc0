/// Where a setting was given.
public enum Place: Hashable, Sendable, CustomStringConvertible {
    case file(String, line: Int, column: Int)
    case variable(String)
    /// It was not given at all.
    case nowhere

    public var description: String {
        switch self {
        case .file(let name, let line, let column): "\(name):\(line):\(column)"
        case .variable(let name): name
        case .nowhere: "configuration"
        }
    }
}

/// Something wrong with a setting. It never repeats the value: that may be a secret in the wrong place.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    public let place: Place
    /// The dotted name of the setting; empty if the problem concerns the whole text.
    public let key: String
    public let says: String

    public var description: String {
        key.isEmpty ? "\(place): \(says)" : "\(place): \(key): \(says)"
    }
}

/// Everything wrong with a configuration, at once.
public struct Problems: Error, Sendable, CustomStringConvertible {
    public let all: [ConfigurationProblem]
    public let warnings: [ConfigurationProblem]

    public var description: String {
        all.map(\.description).joined(separator: "\n")
    }
}

/// The problems and warnings found while reading.
struct Findings {
    var problems: [ConfigurationProblem] = []
    var warnings: [ConfigurationProblem] = []
    /// Where each key was given, so that a check of several keys together can point at them.
    var places: [String: Place] = [:]
    /// The key being read.
    var key = ""

    mutating func refuse(_ node: Node, expected: String) {
        guard !node.isBroken else { return }
        refuse(at: node.place, "expected \(expected), found \(node.found)")
    }

    mutating func refuse(at place: Place, _ says: String) {
        problems.append(ConfigurationProblem(place: place, key: key, says: says))
    }

    mutating func refuse(_ key: String, _ says: String) {
        problems.append(ConfigurationProblem(place: places[key] ?? .nowhere, key: key, says: says))
    }

    mutating func warn(_ key: String, at place: Place? = nil, _ says: String) {
        warnings.append(ConfigurationProblem(place: place ?? places[key] ?? .nowhere, key: key, says: says))
    }
}
