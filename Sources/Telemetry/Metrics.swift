/// All metrics of a process, set up once at startup, rendered as Prometheus text.
///
/// Names, labels, and help are fixed here; counting later touches only atomics.
public struct Metrics: Sendable {
    /// The content type that Prometheus expects for `text`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All samples that a scrape shows under one name.
    public struct Family: Sendable {
        public let name: String
        public let type: String
        public let help: String
        let head: String
        let samples: @Sendable (inout String) -> Void
    }

    public private(set) var families: [Family] = []

    public init() {}

    public var text: String {
        families.reduce(into: "") { text, family in
            text += family.head
            family.samples(&text)
        }
    }

    // MARK: - Without labels

    public mutating func counter(_ name: String, _ help: String) -> Counter {
        let counter = Counter()
        add(name, "counter", help) { $0 += "\(name) \(counter.value)\n" }
        return counter
    }

    public mutating func gauge(_ name: String, _ help: String) -> Gauge {
        let gauge = Gauge()
        add(name, "gauge", help) { $0 += "\(name) \(gauge.value)\n" }
        return gauge
    }

    /// Read on each scrape. Nil is left out.
    public mutating func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        add(name, "gauge", help) { text in
            if let value = read() { text += "\(name) \(number(value))\n" }
        }
    }

    public mutating func histogram(_ name: String, _ help: String, bounds: [Double]) -> Histogram {
        let histogram = Histogram(bounds: bounds)
        add(name, "histogram", help) { histogram.render(name, "", into: &$0) }
        return histogram
    }

    // MARK: - With labels

    public mutating func counters<Labels>(_ name: String, _ help: String, by: Labels.Type) -> Labeled<Labels, Counter> {
        let counters = Labeled<Labels, Counter> { Counter() }
        add(name, "counter", help) { text in
            counters.forEach { text += "\(name){\($0)} \($1.value)\n" }
        }
        return counters
    }

    public mutating func gauges<Labels>(_ name: String, _ help: String, by: Labels.Type) -> Labeled<Labels, Gauge> {
        let gauges = Labeled<Labels, Gauge> { Gauge() }
        add(name, "gauge", help) { text in
            gauges.forEach { text += "\(name){\($0)} \($1.value)\n" }
        }
        return gauges
    }

    /// Read on each scrape, all at once. Labels without a value are left out.
    public mutating func gauges<Labels: MetricLabels>(
        _ name: String,
        _ help: String,
        by: Labels.Type,
        read: @escaping @Sendable () -> [Labels: Double]
    ) {
        let rendered = Labels.allCases.map { (labels: $0, text: $0.rendered) }
        add(name, "gauge", help) { text in
            let values = read()
            for (labels, shown) in rendered {
                if let value = values[labels] { text += "\(name){\(shown)} \(number(value))\n" }
            }
        }
    }

    public mutating func histograms<Labels>(
        _ name: String,
        _ help: String,
        by: Labels.Type,
        bounds: [Double]
    ) -> Labeled<Labels, Histogram> {
        let histograms = Labeled<Labels, Histogram> { Histogram(bounds: bounds) }
        add(name, "histogram", help) { text in
            histograms.forEach { $1.render(name, $0, into: &text) }
        }
        return histograms
    }

    private mutating func add(
        _ name: String,
        _ type: String,
        _ help: String,
        samples: @escaping @Sendable (inout String) -> Void
    ) {
        let isName = name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) }
        // Metrics that every process has use the names that general dashboards expect.
        let isOurs = name.hasPrefix("oneway_") || name.hasPrefix("process_")
        precondition(isName && isOurs, "\(name) is not a valid metric name")
        precondition(name.hasSuffix("_total") == (type == "counter"), "\(name): counters end in _total, and only they")
        precondition(!families.contains { $0.name == name }, "\(name) is already registered")
        let head = "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
        families.append(Family(name: name, type: type, help: help, head: head, samples: samples))
    }
}

/// One instrument for each value of the labels, all created at the start.
public struct Labeled<Labels: MetricLabels, Instrument: Sendable>: Sendable {
    private let instruments: [Labels: Instrument]
    private let inOrder: [(labels: String, instrument: Instrument)]

    init(_ make: () -> Instrument) {
        let all = Labels.allCases.map { (labels: $0, instrument: make()) }
        instruments = Dictionary(uniqueKeysWithValues: all.map { ($0.labels, $0.instrument) })
        inOrder = all.map { ($0.labels.rendered, $0.instrument) }
    }

    public subscript(labels: Labels) -> Instrument {
        guard let instrument = instruments[labels] else { preconditionFailure("allCases leaves out \(labels)") }
        return instrument
    }

    func forEach(_ body: (_ labels: String, Instrument) -> Void) {
        for (labels, instrument) in inOrder { body(labels, instrument) }
    }
}

extension Histogram {
    fileprivate func render(_ name: String, _ labels: String, into text: inout String) {
        let counts = cumulated
        let before = labels.isEmpty ? "" : labels + ","
        for (bound, count) in zip(bounds.map(number) + ["+Inf"], counts) {
            text += "\(name)_bucket{\(before)le=\"\(bound)\"} \(count)\n"
        }
        let own = labels.isEmpty ? "" : "{\(labels)}"
        text += "\(name)_sum\(own) \(number(sum))\n\(name)_count\(own) \(counts.last ?? 0)\n"
    }
}

/// As Prometheus writes numbers: whole ones without a fraction.
private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int(exactly: value)?.description ?? value.description
}
