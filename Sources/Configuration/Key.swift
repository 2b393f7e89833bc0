/// One setting of the schema: its name, its place in `Configuration`, its type, and its meaning.
struct Key: Sendable {
    let name: String
    private(set) var meaning = ""
    let expects: String
    /// The default, as it is written in YAML.
    let standard: String
    let isStructured: Bool
    /// SIGHUP applies a new value; other settings need a restart.
    let reloads: Bool
    let read: @Sendable (Node, inout Findings, inout Configuration) -> Void
    let isSame: @Sendable (Configuration, Configuration) -> Bool
    let copy: @Sendable (_ from: Configuration, _ to: inout Configuration) -> Void

    init<Value>(
        _ name: String,
        _ path: any WritableKeyPath<Configuration, Value> & Sendable,
        _ kind: Kind<Value>,
        reloads: Bool? = nil
    ) {
        self.name = name
        expects = kind.expects
        let shown = kind.show(Configuration()[keyPath: path])
        standard = shown.isEmpty ? "none" : shown
        isStructured = kind.isStructured
        self.reloads = reloads ?? kind.isSecret
        read = { node, findings, configuration in
            guard let value = kind.read(node, &findings) else { return }
            configuration[keyPath: path] = value
        }
        isSame = { $0[keyPath: path] == $1[keyPath: path] }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
    }

    func means(_ meaning: String) -> Key {
        var key = self
        key.meaning = meaning
        return key
    }

    /// `ONEWAY_MARKETO_CALLS_PER_20_SECONDS` for `marketo.callsPer20Seconds`.
    var variable: String {
        var words = Schema.variablePrefix
        var last: Character = "."
        for character in name {
            let begins = character.isUppercase || character.isNumber != last.isNumber
            if begins, last != "." { words += "_" }
            words += character == "." ? "_" : character.uppercased()
            last = character
        }
        return words
    }

    var fileVariable: String { variable + "_FILE" }
}
