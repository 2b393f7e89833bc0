/// The values that a metric's labels can have: a fixed set, so that no id, path, or external name becomes one.
public protocol MetricLabels: Hashable, Sendable, CaseIterable {
    var labels: [(name: String, value: String)] { get }
}

/// One label: an enum of its values.
public protocol MetricLabel: MetricLabels, RawRepresentable where RawValue == String {
    static var labelName: String { get }
}

extension MetricLabel {
    public var labels: [(name: String, value: String)] { [(Self.labelName, rawValue)] }
}

/// Two labels together.
public struct LabelPair<First: MetricLabels, Second: MetricLabels>: MetricLabels {
    public let first: First
    public let second: Second

    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    public var labels: [(name: String, value: String)] { first.labels + second.labels }

    public static var allCases: [LabelPair] {
        First.allCases.flatMap { first in Second.allCases.map { LabelPair(first, $0) } }
    }
}

extension MetricLabels {
    /// `a="x",b="y"`, escaped.
    var rendered: String {
        labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }
}

func escaped(_ text: String, quotes: Bool = true) -> String {
    text.reduce(into: "") { result, character in
        switch character {
        case "\\": result += #"\\"#
        case "\n": result += #"\n"#
        case "\"" where quotes: result += #"\""#
        default: result.append(character)
        }
    }
}
