import Intake
import OnewayCore

/// A bar chart of traffic as an inline picture, with its numbers as text.
struct Chart {
    let title: String
    let bars: [TrafficRing.Bar]
    /// The time that one bar covers: `a minute` or `an hour`.
    let unit: String

    private static let (height, step) = (48, 10)

    var html: HTML {
        let total = bars.reduce(0) { $0 + $1.count }
        let most = bars.map(\.count).max() ?? 0
        let words = "\(Wording.number(total)); at most \(Wording.number(most)) in \(unit)"
        return .tag(
            "figure",
            [:],
            .tag("figcaption", [:], .tag("span", [:], "\(title)"), .tag("b", [:], "\(Wording.number(total))")),
            .tag(
                "svg",
                [
                    "viewBox": "0 0 \(bars.count * Self.step) \(Self.height)", "preserveAspectRatio": "none",
                    "role": "img", "aria-label": "\(title): \(words)",
                ],
                unknown,
                .all(bars.enumerated().map { bar($0, $1, most) })
            ),
            .tag(
                "p",
                ["class": "scale", "aria-hidden": "true"],
                .tag("span", [:], "\(bars.first.map { Wording.clock($0.start) } ?? "")"),
                .tag("span", [:], "\(most == 0 ? "none" : "at most \(Wording.number(most)) in \(unit)")"),
                .tag("span", [:], "now")
            )
        )
    }

    /// The time before counting began, as one shaded area.
    private var unknown: HTML {
        let count = bars.prefix { !$0.isCounted }.count
        if count == 0 { return .nothing }
        return .tag(
            "rect",
            ["class": "unknown", "width": "\(count * Self.step)", "height": "\(Self.height)"],
            .tag("title", [:], "not counted")
        )
    }

    private func bar(_ place: Int, _ bar: TrafficRing.Bar, _ most: Int) -> HTML {
        if !bar.isCounted { return .nothing }
        // Any count stays visible, however small it is beside the others.
        let height = bar.count == 0 ? 1 : max(3, bar.count * (Self.height - 4) / most)
        return .tag(
            "rect",
            [
                "class": bar.count == 0 ? "empty" : "bar", "x": "\(place * Self.step + 1)",
                "y": "\(Self.height - height)", "width": "\(Self.step - 2)", "height": "\(height)",
            ],
            .tag("title", [:], "\(Wording.clock(bar.start)): \(Wording.number(bar.count))")
        )
    }
}
