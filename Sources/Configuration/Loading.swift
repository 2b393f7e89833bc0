/// The reason why a file cannot be read, in words that may be shown.
public struct Unreadable: Error {
    public let says: String

    public init(says: String) { self.says = says }
}

/// A configuration with its warnings.
public struct LoadedConfiguration: Sendable {
    public let configuration: Configuration
    public let warnings: [ConfigurationProblem]
}

extension Configuration {
    /// Reads the settings of a YAML text, overridden by those of the environment. Throws all problems at once.
    ///
    /// - Parameters:
    ///   - text: The file's bytes; nil if there is none.
    ///   - name: The file's name in problems.
    ///   - toServe: Whether to require what the running service needs. A command that only explains needs no keys.
    ///   - readFile: For `ONEWAY_..._FILE`.
    public static func read(
        _ text: [UInt8]?,
        name: String = "oneway.yaml",
        environment: [String: String] = [:],
        toServe: Bool = true,
        readFile: (_ path: String) throws(Unreadable) -> [UInt8] = Configuration.readFile
    ) throws(Problems) -> LoadedConfiguration {
        var loading = Loading()
        let isYAML = text.map { loading.take($0, name: name) } ?? true
        loading.take(environment, readFile: readFile)
        if isYAML { loading.configuration.check(toServe: toServe, &loading.findings) }
        guard loading.findings.problems.isEmpty else {
            throw Problems(all: loading.findings.problems, warnings: loading.findings.warnings)
        }
        return LoadedConfiguration(configuration: loading.configuration, warnings: loading.findings.warnings)
    }
}

/// A configuration while it is read.
private struct Loading {
    var configuration = Configuration()
    var findings = Findings()

    /// Returns whether the text is YAML.
    mutating func take(_ text: [UInt8], name: String) -> Bool {
        let node = YAMLReader.read(text, into: &findings) { .file(name, line: $0, column: $1) }
        if let node { take(node, section: "") }
        return node != nil
    }

    private mutating func take(_ node: Node, section: String) {
        findings.key = section
        if node.isNull { return }
        guard case .map(let entries) = node.value else {
            findings.refuse(
                node,
                expected: "a map such as {\(Schema.names(in: section).joined(separator: ": ..., ")): ...}"
            )
            return
        }
        for entry in entries {
            let name = section.isEmpty ? entry.name : "\(section).\(entry.name)"
            if let key = Schema.byName[name] {
                take(entry.value, key)
            } else if Schema.sections.contains(name) {
                take(entry.value, section: name)
            } else {
                findings.key = name
                findings.refuse(at: entry.place, "no such key" + meant(entry.name, Schema.names(in: section)))
            }
        }
    }

    private mutating func take(_ node: Node, _ key: Key) {
        findings.key = key.name
        findings.places[key.name] = node.place
        key.read(node, &findings, &configuration)
    }

    mutating func take(_ environment: [String: String], readFile: (String) throws(Unreadable) -> [UInt8]) {
        // Compose and Kubernetes pass an empty variable where nothing was set.
        var left = environment.filter { $0.key.hasPrefix(Schema.variablePrefix) && !$0.value.isEmpty }
        for key in Schema.keys {
            let direct = left.removeValue(forKey: key.variable)
            let path = left.removeValue(forKey: key.fileVariable)
            findings.key = key.name
            switch (direct, path) {
            case (let text?, nil): take(Array(text.utf8), key, variable: key.variable)
            case (nil, let path?): take(file: path, key, readFile)
            case (nil, nil): break
            default: findings.refuse(at: .variable(key.variable), "\(key.fileVariable) is set too; only one may be")
            }
        }
        for name in left.keys.sorted() {
            findings.warn("", at: .variable(name), "no such setting" + meant(name, Schema.keys.map(\.variable)))
        }
    }

    private mutating func take(file path: String, _ key: Key, _ readFile: (String) throws(Unreadable) -> [UInt8]) {
        do {
            var bytes = try readFile(path)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            take(bytes, key, variable: key.fileVariable)
        } catch {
            findings.refuse(at: .variable(key.fileVariable), "the file cannot be read: \(error.says)")
        }
    }

    /// A list or map is JSON, which is YAML; anything else is the text itself, with any characters.
    private mutating func take(_ bytes: [UInt8], _ key: Key, variable: String) {
        let place = Place.variable(variable)
        if key.isStructured {
            guard let node = YAMLReader.read(bytes, into: &findings, place: { _, _ in place }) else { return }
            take(node, key)
        } else if let text = String(validating: bytes, as: UTF8.self) {
            take(Node(value: .scalar(text, isQuoted: false), place: place), key)
        } else {
            findings.refuse(at: place, "expected \(key.expects), found bytes that are not UTF-8")
        }
    }
}
