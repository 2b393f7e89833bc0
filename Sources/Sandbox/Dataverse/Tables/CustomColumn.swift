/// A custom column of an environment.
public struct CustomColumn: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case text(lengthMax: Int)
        case whole
        case decimal
        case money
        case flag
        case moment
        case day
        /// Values and their labels.
        case choice([Int: String])
    }

    /// With a prefix: `new_region`.
    public let name: String
    public let label: String
    public let kind: Kind

    public init(_ name: String, label: String, _ kind: Kind) {
        self.name = name
        self.label = label
        self.kind = kind
    }

    var columnKind: Column.Kind {
        switch kind {
        case .text(let max): .text(max: max)
        case .whole: .whole
        case .decimal: .decimal
        case .money: .money
        case .flag: .flag
        case .moment: .moment
        case .day: .day
        case .choice(let choices):
            .choice(choices.sorted { $0.key < $1.key }.map { Column.Choice(value: $0.key, label: $0.value) })
        }
    }
}
