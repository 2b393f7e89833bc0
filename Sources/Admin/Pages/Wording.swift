import OnewayCore

extension HTML {
    /// Relative for readers; absolute in the tooltip and for programs.
    static func time(_ time: Timestamp, _ now: Timestamp) -> HTML {
        .tag("time", ["datetime": "\(time)", "title": Wording.absolute(time)], "\(Wording.relative(time, now))")
    }

    /// Text from outside, isolated so that its writing direction does not affect the text around it.
    static func foreign(_ text: String) -> HTML { .tag("bdi", [:], .text(text)) }

    static func code(_ text: String) -> HTML { .tag("code", [:], .text(text)) }

    static func link(_ to: String, _ words: HTML) -> HTML { .tag("a", ["href": to], words) }
}
