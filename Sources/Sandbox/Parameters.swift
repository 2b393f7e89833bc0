import OnewayCore

/// Parameters of a target or of a form body; a plus is a space. If a name is repeated, the last value counts.
struct Parameters: Sendable {
    private var values: [String: String] = [:]

    init(_ encoded: String = "") { add(encoded) }

    mutating func add(_ encoded: String) {
        for (name, value) in PercentEncoding.items(encoded, plusIsSpace: true) { values[name] = value }
    }

    subscript(name: String) -> String? { values[name] }

    var names: [String] { Array(values.keys) }
}
